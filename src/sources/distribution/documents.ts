import * as z from 'zod';
import { messageOf, SaddlebagError } from '../../internal/error.ts';
import type { Release } from './catalogue.ts';

/** GitHub's list. Like Rancher Desktop, we ignore the flags `draft` and `prerelease`. */
const releases = z.array(
  z.object({ tag_name: z.string(), assets: z.array(z.object({ name: z.string() })).default([]) }),
);

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
  return decode(releases, bytes, where).map(({ tag_name, assets }) => ({
    tag: tag_name,
    architectures: usable(new Set(assets.map(({ name }) => name))),
  }));
}

/**
 * Decodes the answer of a channel server into the newest tag of each channel; one without a tag has `''`.
 *
 * @throws `ERR_DOCUMENT_INVALID`
 */
export function decodeChannels(bytes: Uint8Array, where: string): ReadonlyMap<string, string> {
  const named = decode(channels, bytes, where).data.flatMap(({ type, name, latest }): [string, string][] =>
    type === 'channel' && name !== undefined ? [[name, latest ?? '']] : [],
  );
  return new Map(named);
}

function decode<T>(schema: z.ZodType<T>, bytes: Uint8Array, where: string): T {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch (cause) {
    throw invalid(where, `it is not JSON (${messageOf(cause)})`, cause);
  }
  const decoded = schema.safeParse(value);
  if (decoded.success) return decoded.data;
  const [issue] = decoded.error.issues;
  throw invalid(where, `"${issue?.path.join('.') ?? ''}": ${issue?.message ?? ''}`, decoded.error);
}

function invalid(where: string, fact: string, cause: unknown): SaddlebagError {
  return new SaddlebagError('ERR_DOCUMENT_INVALID', `Cannot read "${where}": ${fact}`, { cause });
}
