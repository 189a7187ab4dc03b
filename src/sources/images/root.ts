import { SaddlebagError } from '../../internal/error.ts';
import { isSchema1Type } from '../../oci/media-type.ts';
import { type FetchedManifest, fetchManifest } from './graph.ts';
import type { ImageRequest } from './requests.ts';
import type { SourceContext } from '../source.ts';

/**
 * Returns what a reference stands for.
 *
 * @throws `ERR_UPSTREAM_NOT_FOUND`, `ERR_DIGEST_MISMATCH`, `ERR_MANIFEST_UNSUPPORTED`, `ERR_DOCUMENT_INVALID`
 */
export async function fetchRoot(
  request: Pick<ImageRequest, 'reference' | 'name'>,
  context: SourceContext,
): Promise<FetchedManifest> {
  const { reference, name } = request;
  const descriptor = await context.images.resolve(reference, context);
  if (reference.digest !== undefined && descriptor.digest !== reference.digest) {
    throw new SaddlebagError(
      'ERR_DIGEST_MISMATCH',
      `Cannot resolve image "${name}": found "${descriptor.digest}"`,
    );
  }
  if (isSchema1Type(descriptor.mediaType)) {
    throw new SaddlebagError(
      'ERR_MANIFEST_UNSUPPORTED',
      `Cannot resolve image "${name}": it is of Docker schema 1`,
      {
        hint: 'Have the image pushed again by a current Docker, or choose a newer tag.',
      },
    );
  }
  const { mediaType, digest, size } = descriptor;
  const root = await fetchManifest(reference, { mediaType, digest, size }, context);
  return { ...root, descriptor: { ...root.descriptor, mediaType: root.document.mediaType } };
}
