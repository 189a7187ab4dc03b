import { encodeNarrowed } from '../../oci/index/narrow.ts';
import { decodeManifest } from '../../oci/manifest.ts';
import type { FetchedManifest } from './graph.ts';

export { writtenEntries as entriesOf } from '../../oci/index/narrow.ts';

/** Returns an index of only the entries in `kept`, made of `source`. */
export function narrowIndex(
  source: FetchedManifest,
  kept: readonly { readonly written: Readonly<Record<string, unknown>> }[],
): FetchedManifest {
  const { descriptor, bytes } = encodeNarrowed(
    source,
    kept.map(({ written }) => written),
  );
  return { descriptor, bytes, document: decodeManifest(bytes, descriptor.mediaType), isMade: true };
}
