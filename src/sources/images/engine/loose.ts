import type { LooseContents, StoredImage } from '../../../engine/store.ts';
import { collectBytes } from '../../../internal/bytes.ts';
import { SaddlebagError } from '../../../internal/error.ts';
import { throwIfInterrupted } from '../../../internal/interrupt.ts';
import { type Digest, digestOf } from '../../../oci/digest.ts';
import type { Descriptor } from '../../../oci/descriptor.ts';
import {
  decodeManifest,
  type Index,
  type Manifest,
  MANIFEST_LIMIT,
  successorsOf,
} from '../../../oci/manifest.ts';
import { isManifestType } from '../../../oci/media-type.ts';
import type { WaitOptions } from '../../../oci/roles.ts';
import type { SavedBlob, SavedImages } from '../../../saved/images.ts';

/** An index in an index is real; more is not. */
const DEPTH_LIMIT = 4;

/**
 * Returns an image of containerd with each blob that is there, to be asked for by digest. The manifests are those of its registry.
 *
 * @throws what the engine throws; `ERR_CONTENT_NOT_FOUND` when not even its root is there
 */
export async function looseImages(
  content: LooseContents,
  { id }: StoredImage,
  { written, signal }: WaitOptions & { readonly written: string },
): Promise<SavedImages> {
  const there = await content.list({ signal });
  const blobs = new Map<Digest, SavedBlob>();
  const readDocument = async (digest: Digest): Promise<Manifest | Index> => {
    throwIfInterrupted(signal);
    const bytes = await collectBytes(content.fetch(digest, { signal }), {
      limit: MANIFEST_LIMIT,
      onExcess: () => invalid(written, digest, `it has more than ${MANIFEST_LIMIT} bytes`),
    });
    if (digestOf(bytes) !== digest)
      throw invalid(written, digest, `its content has digest "${digestOf(bytes)}"`);
    blobs.set(digest, { size: bytes.length, bytes });
    return decodeManifest(bytes);
  };
  const walk = async (target: Descriptor, depth: number): Promise<void> => {
    const { digest, size, mediaType } = target;
    if (blobs.has(digest) || !there.has(digest)) return;
    if (isManifestType(mediaType) && depth < DEPTH_LIMIT) {
      for (const each of successorsOf(await readDocument(digest))) await walk(each, depth + 1);
    } else blobs.set(digest, { size, open: (options) => content.fetch(digest, options) });
  };
  if (!there.has(id))
    throw new SaddlebagError(
      'ERR_CONTENT_NOT_FOUND',
      `Cannot take ${written}: the engine knows it, and does not hold its content`,
      { hint: 'Pull it again, or take it from its registry.' },
    );
  const document = await readDocument(id);
  for (const each of successorsOf(document)) await walk(each, 1);
  const size = blobs.get(id)?.size ?? 0;
  const descriptor = { mediaType: document.mediaType, digest: id, size };
  return { path: written, images: [{ descriptor }], attachments: [], blobs, others: [] };
}

function invalid(written: string, digest: Digest, fact: string): SaddlebagError {
  return new SaddlebagError('ERR_ARCHIVE_INVALID', `Cannot read "${digest}" of ${written}: ${fact}`);
}
