import { SaddlebagError } from '../../internal/error.ts';
import { isRecord } from '../../internal/json.ts';
import { compareText } from '../../internal/order.ts';
import { ANNOTATION } from '../annotation.ts';
import type { Descriptor } from '../descriptor.ts';
import { digestOf } from '../digest.ts';
import type { Index, Manifest } from '../manifest.ts';

/** An entry of an index as its author wrote it. */
type WrittenEntry = Readonly<Record<string, unknown>>;

/**
 * Returns an index of only the entries in `kept`, with the media type of `source`. They stay as written, including fields
 * we do not know (`os.features`); the index records the digest it was made from.
 */
export function encodeNarrowed(
  source: { readonly descriptor: Descriptor; readonly document: Manifest | Index },
  kept: readonly WrittenEntry[],
): { readonly descriptor: Descriptor; readonly bytes: Uint8Array } {
  const { mediaType, annotations = {} } = source.document;
  const marked = Object.entries({ ...annotations, [ANNOTATION.sourceDigest]: source.descriptor.digest });
  const narrowed = {
    schemaVersion: 2,
    mediaType,
    manifests: kept,
    annotations: Object.fromEntries(marked.sort(([left], [right]) => compareText(left, right))),
  };
  const bytes = Buffer.from(JSON.stringify(narrowed));
  return { descriptor: { mediaType, digest: digestOf(bytes), size: bytes.length }, bytes };
}

/** Returns the entries of an index as written. @throws `ERR_DOCUMENT_INVALID` when it is no index */
export function writtenEntries(source: {
  readonly bytes: Uint8Array;
  readonly descriptor: Descriptor;
}): readonly WrittenEntry[] {
  const value: unknown = JSON.parse(Buffer.from(source.bytes).toString('utf8'));
  if (isRecord(value) && Array.isArray(value['manifests'])) return value['manifests'].filter(isRecord);
  throw new SaddlebagError(
    'ERR_DOCUMENT_INVALID',
    `Cannot read "${source.descriptor.digest}": it is not an index`,
  );
}
