import { SaddlebagError } from '../../../internal/error.ts';
import { ProblemsError } from '../../../internal/problems.ts';
import { MANIFEST_LIMIT } from '../../../oci/manifest.ts';
import { isManifestType, MEDIA_TYPE } from '../../../oci/media-type.ts';
import type { PlannedBlob, PlannedItem } from '../item.ts';
import { PlannedBlobs } from './planned.ts';
import { BlobTable } from './table.ts';

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
export function orderBlobs(items: readonly PlannedItem[]): PlannedBlobs {
  const known = new BlobTable();
  const most = items.reduce((sum, { blobs }) => sum + blobs.length, 0);
  /** Of each blob that is known, the item in which it was chosen, its place there, and whether it is a document. */
  const [chosen, places, documents] = [new Uint32Array(most), new Uint32Array(most), new Uint8Array(most)];
  const problems: SaddlebagError[] = [];
  for (const [number, { item, blobs }] of items.entries()) {
    let place = 0;
    for (const blob of blobs) {
      const { digest, size } = blob.descriptor;
      const isNew = known.add(blob.descriptor);
      const index = isNew ? known.length - 1 : known.indexOf(digest);
      const other = known.sizeOf(digest);
      if (other !== undefined && other !== size) problems.push(twoSizes(blob, other, item.name));
      else {
        const { origin } = isNew ? blob : (chosenAt(index) ?? blob);
        // Local bytes are better than any place to fetch them from.
        if (isNew || (origin.type !== 'bytes' && blob.origin.type === 'bytes')) {
          [chosen[index], places[index]] = [number, place];
        }
        if (isDocument(blob)) documents[index] = 1;
      }
      place += 1;
    }
  }
  if (problems.length > 0) {
    throw new ProblemsError('ERR_BUNDLE_INVALID', 'Cannot plan bundle: one digest has two sizes', {
      problems,
    });
  }
  function chosenAt(index: number): PlannedBlob | undefined {
    return items[chosen[index] ?? -1]?.blobs.at(places[index] ?? -1);
  }
  function* ordered(): Generator<PlannedBlob, void, undefined> {
    for (const wanted of [1, 0]) {
      for (let index = 0; index < known.length; index += 1) {
        const blob = documents[index] === wanted ? chosenAt(index) : undefined;
        if (blob !== undefined) yield blob;
      }
    }
  }
  return PlannedBlobs.of(ordered());
}

/**
 * Returns whether a blob is a manifest, an index or a config: what is needed to know what a bundle holds. Size matters too:
 * upstream may call anything a config.
 */
export function isDocument({ descriptor: { mediaType, size } }: PlannedBlob): boolean {
  return size <= MANIFEST_LIMIT && (isManifestType(mediaType) || DOCUMENT_TYPES.includes(mediaType));
}

function twoSizes({ descriptor }: PlannedBlob, other: number, name: string): SaddlebagError {
  const { digest, size } = descriptor;
  return new SaddlebagError(
    'ERR_BUNDLE_INVALID',
    `Cannot plan blob "${digest}" of "${name}": one manifest says ${size} bytes, another ${other}`,
    { hint: 'One of the two images is damaged at its registry; leave it out or have it pushed again.' },
  );
}
