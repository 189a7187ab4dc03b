import { SaddlebagError } from '../../../internal/error.ts';
import { ProblemsError } from '../../../internal/problems.ts';
import type { Digest } from '../../../oci/digest.ts';
import { MANIFEST_LIMIT } from '../../../oci/manifest.ts';
import { isManifestType, MEDIA_TYPE } from '../../../oci/media-type.ts';
import type { PlannedBlob, PlannedItem } from '../item.ts';

const DOCUMENT_TYPES: readonly string[] = [
  MEDIA_TYPE.ociConfig,
  MEDIA_TYPE.dockerConfig,
  MEDIA_TYPE.ociEmpty,
];

/**
 * Returns every blob of the items once, in archive order: first all documents (manifests, indexes, configs), so that what
 * an install has to know lies together near the head; then content, in the order of the items and of the layers in them,
 * so that installing item after item reads the medium from front to back.
 *
 * @throws `ProblemsError` `ERR_BUNDLE_INVALID` when one digest comes with two sizes
 */
export function orderBlobs(items: readonly PlannedItem[]): readonly PlannedBlob[] {
  const blobs = new Map<Digest, PlannedBlob>();
  const documents = new Set<Digest>();
  const problems: SaddlebagError[] = [];
  for (const { item, blobs: own } of items) {
    for (const blob of own) {
      const { digest, size } = blob.descriptor;
      const known = blobs.get(digest);
      if (known !== undefined && known.descriptor.size !== size) {
        problems.push(twoSizes(blob, known, item.name));
        continue;
      }
      // Local bytes are better than any place to fetch them from.
      if (known === undefined || (known.origin.type !== 'bytes' && blob.origin.type === 'bytes')) {
        blobs.set(digest, blob);
      }
      if (isDocument(blob)) documents.add(digest);
    }
  }
  if (problems.length > 0) {
    throw new ProblemsError('ERR_BUNDLE_INVALID', 'Cannot plan bundle: one digest has two sizes', {
      problems,
    });
  }
  const all = [...blobs.entries()];
  return [
    ...all.filter(([digest]) => documents.has(digest)),
    ...all.filter(([digest]) => !documents.has(digest)),
  ].map(([, blob]) => blob);
}

/**
 * Returns whether a blob is a manifest, an index or a config: what is needed to know what a bundle holds. Size matters too:
 * upstream may call anything a config.
 */
export function isDocument({ descriptor: { mediaType, size } }: PlannedBlob): boolean {
  return size <= MANIFEST_LIMIT && (isManifestType(mediaType) || DOCUMENT_TYPES.includes(mediaType));
}

function twoSizes(left: PlannedBlob, right: PlannedBlob, name: string): SaddlebagError {
  const { digest, size } = left.descriptor;
  return new SaddlebagError(
    'ERR_BUNDLE_INVALID',
    `Cannot plan blob "${digest}" of "${name}": one manifest says ${size} bytes, another ${right.descriptor.size}`,
    { hint: 'One of the two images is damaged at its registry; leave it out or have it pushed again.' },
  );
}
