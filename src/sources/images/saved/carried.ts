import { SaddlebagError } from '../../../internal/error.ts';
import { quote } from '../../../internal/quote.ts';
import { compareText } from '../../../internal/order.ts';
import type { Descriptor } from '../../../oci/descriptor.ts';
import { successorsOf } from '../../../oci/manifest.ts';
import { isManifestType } from '../../../oci/media-type.ts';
import { formatPlatform } from '../../../oci/platform.ts';
import type { SavedImages } from '../../../saved/images.ts';
import type { SourceContext } from '../../source.ts';
import { fetchManifest } from '../graph.ts';
import { entriesOf, narrowIndex } from '../narrow-index.ts';
import { platformOffers } from '../platforms.ts';
import type { ImageRequest } from '../requests.ts';
import { fetchRoot } from '../root.ts';
import { isImagePlatform } from '../select-platforms.ts';
import type { SavedUpstream } from './upstream.ts';

/** An index in an index is real; more is not. */
const DEPTH_LIMIT = 4;

/** What to ask of the archive for an image. */
export interface CarriedPart {
  readonly request: ImageRequest;
  /** Sorted; left out when the archive holds the whole image. */
  readonly platforms?: readonly string[] | undefined;
}

/**
 * Returns the request for what an archive holds of an image. Docker's containerd store and `ctr` save the index of an image whole, with
 * the one platform that was pulled: such an index is narrowed to what is there, since no registry takes one whose parts are missing.
 *
 * @throws `ERR_CONTENT_NOT_FOUND` when nothing of it is there as a whole
 */
export async function carriedPart(
  request: ImageRequest,
  { saved, upstream }: { readonly saved: SavedImages; readonly upstream: SavedUpstream },
  context: SourceContext,
): Promise<CarriedPart> {
  const { name } = request;
  const root = await fetchRoot(request, context);
  const { document } = root;
  if (document.type !== 'index') return { request };
  const whole = await Promise.all(
    document.manifests.map(async (each) => await isWhole(each, { request, saved, context })),
  );
  if (whole.every(Boolean)) return { request };
  const written = entriesOf(root);
  const kept = document.manifests.flatMap((descriptor, at) =>
    whole[at] === true ? [{ descriptor, written: written[at] ?? {} }] : [],
  );
  const narrow = narrowIndex(root, kept);
  const offers = (await platformOffers(request, narrow, context)).filter(({ platform }) =>
    isImagePlatform(platform),
  );
  const absent = document.manifests.filter((_, at) => whole[at] !== true);
  if (offers.length === 0) throw nothingOf(name, saved, absent);
  const platforms = [...new Set(offers.map(({ platform }) => formatPlatform(platform)))].sort(compareText);
  context.warn({
    level: 'warning',
    message: `Image "${name}" is not whole in ${quote(saved.path)}: the bundle has ${platforms.join(', ')} of it, without ${titlesOf(absent)}`,
    hint: 'To have all of it, pull it for all platforms before it is saved, or take it from its registry.',
  });
  const { registry, repository, tag = 'latest' } = request.reference;
  // A digest in the name is that of the whole.
  const reference = { registry, repository, tag };
  const [only] = offers;
  if (offers.length === 1 && only !== undefined) {
    const { mediaType, digest, size } = only.descriptor;
    const child = await fetchManifest(request.reference, { mediaType, digest, size }, context);
    upstream.replace(reference, child.descriptor, child.bytes);
  } else upstream.replace(reference, narrow.descriptor, narrow.bytes);
  return { request: { ...request, reference }, platforms };
}

/** Whether a part of an index is there with everything in it. */
async function isWhole(
  target: Descriptor,
  work: { readonly request: ImageRequest; readonly saved: SavedImages; readonly context: SourceContext },
  depth = 0,
): Promise<boolean> {
  const { request, saved, context } = work;
  if (!saved.blobs.has(target.digest)) return (target.urls ?? []).length > 0;
  if (!isManifestType(target.mediaType) || depth > DEPTH_LIMIT) return true;
  const { document } = await fetchManifest(request.reference, target, context);
  const parts = await Promise.all(
    successorsOf(document).map(async (each) => await isWhole(each, work, depth + 1)),
  );
  return parts.every(Boolean);
}

function titlesOf(parts: readonly Descriptor[]): string {
  const titles = parts.map(({ platform, digest }) =>
    platform === undefined || !isImagePlatform(platform) ? `"${digest}"` : formatPlatform(platform),
  );
  return [...new Set(titles)].join(', ');
}

function nothingOf(name: string, saved: SavedImages, absent: readonly Descriptor[]): SaddlebagError {
  return new SaddlebagError(
    'ERR_CONTENT_NOT_FOUND',
    `Cannot take image "${name}" of ${quote(saved.path)}: its index names ${titlesOf(absent)}, and none of it is there as a whole`,
    { hint: 'Pull it for a platform before it is saved, or take it from its registry.' },
  );
}
