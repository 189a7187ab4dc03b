import * as z from 'zod';
import { decodeDocument, decodeReleaseList } from '../web/github/releases.ts';
import type { Release } from './catalogue.ts';

/** rancher/channelserver, `model/config.go`: every field but the name is optional. */
const channels = z.object({
  resourceType: z.enum(['channels', 'channel']),
  data: z.array(
    z.object({ type: z.string().optional(), name: z.string().optional(), latest: z.string().optional() }),
  ),
});

/**
 * Decodes a page of GitHub's list of releases; `where` names it in messages, `usable` tells the architectures of a release by its
 * assets.
 *
 * @throws `ERR_DOCUMENT_INVALID`
 */
export function decodeReleases(
  bytes: Uint8Array,
  {
    where,
    usable,
  }: { readonly where: string; readonly usable: (assets: ReadonlySet<string>) => readonly string[] },
): readonly Release[] {
  return decodeReleaseList(bytes, where).map(({ tag, assets }) => ({ tag, architectures: usable(assets) }));
}

/**
 * Decodes the answer of a channel server into the newest tag of each channel; one without a tag has `''`.
 *
 * @throws `ERR_DOCUMENT_INVALID`
 */
export function decodeChannels(bytes: Uint8Array, where: string): ReadonlyMap<string, string> {
  const named = decodeDocument(channels, bytes, where).data.flatMap(
    ({ type, name, latest }): [string, string][] =>
      type === 'channel' && name !== undefined ? [[name, latest ?? '']] : [],
  );
  return new Map(named);
}
