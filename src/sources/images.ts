import type { PlannedItem } from '../bundle/item.ts';
import { SaddlebagError } from '../internal/error.ts';
import { Gate } from '../internal/gate.ts';
import { collectProblems } from '../internal/problems.ts';
import { isSchema1Type } from '../oci/media-type.ts';
import { type FetchedManifest, fetchManifest, graphOf } from './image-graph.ts';
import { choosePlatforms } from './image-platforms.ts';
import { type ImageRequest, type ImagesPart, mergeImageRequests } from './image-requests.ts';
import type { Source, SourceContext } from './source.ts';

const CONCURRENCY = 8;

/**
 * Turns images into items: with no platform asked for, the whole index byte for byte; with one, its manifest; with
 * several, an index of just these.
 *
 * @throws `ProblemsError` with every image that cannot be had
 */
export const resolveImages: Source<ImagesPart> = async (part, context) => {
  const gate = new Gate(CONCURRENCY);
  const { requests, problems } = mergeImageRequests(part);
  const tasks = [
    ...requests.map((request) => gate.run(() => resolveImage(request, context), context.signal)),
    ...problems.map((problem) => Promise.reject<PlannedItem>(problem)),
  ];
  return await collectProblems(tasks, {
    code: 'ERR_RESOLVE_FAILED',
    message: () => 'Cannot resolve the images of the spec',
  });
};

async function resolveImage(request: ImageRequest, context: SourceContext): Promise<PlannedItem> {
  const { name, reference } = request;
  try {
    const source = await fetchRoot(request, context);
    const { root, platforms } = await choosePlatforms(request, source, context);
    const blobs = await graphOf(reference, root, context);
    const { mediaType, digest, size } = root.descriptor;
    const item = {
      kind: 'image',
      name,
      descriptor: { mediaType, digest, size },
      audience: ['registry'],
    } as const;
    return { item: platforms === undefined ? item : { ...item, platforms }, blobs };
  } catch (error) {
    throw naming(name, error);
  }
}

async function fetchRoot(request: ImageRequest, context: SourceContext): Promise<FetchedManifest> {
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

/** Problems deep in a graph speak of digests; a user knows the image by its name. */
function naming(name: string, error: unknown): unknown {
  if (!(error instanceof SaddlebagError) || error.code === 'ERR_INTERRUPTED') return error;
  if (error.message.includes(`"${name}"`)) return error;
  const fact = `${error.message.charAt(0).toLowerCase()}${error.message.slice(1)}`;
  return new SaddlebagError(error.code, `Cannot resolve image "${name}": ${fact}`, {
    hint: error.hint,
    cause: error,
  });
}
