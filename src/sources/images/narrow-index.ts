import { SaddlebagError } from '../../internal/error.ts';
import { isRecord } from '../../internal/json.ts';
import { compareText } from '../../internal/order.ts';
import { ANNOTATION } from '../../oci/annotation.ts';
import { digestOf } from '../../oci/digest.ts';
import { decodeManifest } from '../../oci/manifest.ts';
import type { FetchedManifest } from './graph.ts';

/**
 * Returns an index of only the entries in `kept`, with the media type of `source`. They stay as written, including fields
 * we do not know (`os.features`); the index records the digest it was made from.
 */
export function narrowIndex(
  source: FetchedManifest,
  kept: readonly { readonly written: Readonly<Record<string, unknown>> }[],
): FetchedManifest {
  const { mediaType, annotations = {} } = source.document;
  const marked = Object.entries({ ...annotations, [ANNOTATION.sourceDigest]: source.descriptor.digest });
  const narrowed = {
    schemaVersion: 2,
    mediaType,
    manifests: kept.map(({ written }) => written),
    annotations: Object.fromEntries(marked.sort(([left], [right]) => compareText(left, right))),
  };
  const bytes = Buffer.from(JSON.stringify(narrowed));
  return {
    descriptor: { mediaType, digest: digestOf(bytes), size: bytes.length },
    bytes,
    document: decodeManifest(bytes, mediaType),
    isMade: true,
  };
}

/** Returns the entries of an index as written. @throws `ERR_DOCUMENT_INVALID` when it is no index */
export function entriesOf({ bytes, descriptor }: FetchedManifest): readonly Record<string, unknown>[] {
  const value: unknown = JSON.parse(Buffer.from(bytes).toString('utf8'));
  if (isRecord(value) && Array.isArray(value['manifests'])) return value['manifests'].filter(isRecord);
  throw new SaddlebagError('ERR_DOCUMENT_INVALID', `Cannot read "${descriptor.digest}": it is not an index`);
}
