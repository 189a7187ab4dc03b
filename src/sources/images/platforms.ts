import { SaddlebagError } from '../../internal/error.ts';
import { compareText } from '../../internal/order.ts';
import type { Descriptor } from '../../oci/descriptor.ts';
import type { Index, Manifest } from '../../oci/manifest.ts';
import { isIndexType, isManifestType, MEDIA_TYPE } from '../../oci/media-type.ts';
import { decodePlatform, formatPlatform, type Platform } from '../../oci/platform.ts';
import { type FetchedManifest, fetchManifest } from './graph.ts';
import type { ImageRequest } from './requests.ts';
import { type IndexEntry, indexEntries, passOver } from './index-entries.ts';
import { narrowIndex } from './narrow-index.ts';
import { isImagePlatform, type PlatformOffer, selectPlatforms } from './select-platforms.ts';
import type { SourceContext } from '../source.ts';

/** The part of an image that goes into the bundle. */
export interface ImageChoice {
  readonly root: FetchedManifest;
  /** Sorted; left out when the upstream image is complete. */
  readonly platforms?: readonly string[] | undefined;
}

/**
 * Returns the requested part of `source`. A platform that is not offered is only a warning if another one is.
 *
 * @throws `ERR_PLATFORM_NOT_FOUND` when none is offered
 */
export async function choosePlatforms(
  request: ImageRequest,
  source: FetchedManifest,
  context: SourceContext,
): Promise<ImageChoice> {
  const { platforms: wanted } = request;
  if (wanted === undefined) return { root: source };
  const { document } = source;
  if (document.type === 'manifest') {
    const platform = await configPlatform(request, document, context);
    // An artifact has no platform, so it satisfies every request.
    if (platform !== undefined) judge(request, [{ descriptor: source.descriptor, platform }], context);
    return { root: source };
  }
  const entries = await indexEntries(request, source, context);
  const offers = await offersOf(request, entries, context);
  const chosen = judge(request, offers, context);
  const platforms = namesOf(chosen);
  const [only] = chosen;
  if (wanted.length === 1 && chosen.length === 1 && only !== undefined) {
    const { mediaType, digest, size } = only.descriptor;
    const root = await fetchManifest(request.reference, { mediaType, digest, size }, context);
    return { root, platforms };
  }
  // The index already has exactly these children: kept unchanged, it keeps the digest others know.
  if (chosen.length === entries.length) return { root: source };
  const digests = new Set(chosen.map(({ descriptor }) => descriptor.digest));
  const kept = entries.filter(({ descriptor }) => digests.has(descriptor.digest));
  return { root: narrowIndex(source, kept), platforms };
}

function judge(
  request: ImageRequest,
  offers: readonly PlatformOffer[],
  context: SourceContext,
): readonly PlatformOffer[] {
  const { chosen, missing } = selectPlatforms(offers, request.platforms ?? []);
  const names = missing.map(formatPlatform).join(', ');
  const offered = namesOf(offers.filter(({ platform }) => isImagePlatform(platform))).join(', ');
  if (chosen.length === 0) {
    throw new SaddlebagError(
      'ERR_PLATFORM_NOT_FOUND',
      `Cannot find ${names} of image "${request.name}": it has ${offered || 'no platform'}`,
      {
        hint: 'Choose a platform that it has, or leave "platforms" out to take all of it.',
      },
    );
  }
  if (missing.length > 0) {
    context.warn({
      level: 'warning',
      message: `Image "${request.name}" is not made for ${names}: the bundle has ${namesOf(chosen).join(', ')} of it`,
      hint: 'Give the image its own "platforms" to say that this is intended.',
    });
  }
  return chosen;
}

/** Returns the parts of an image and their platforms; nothing for an artifact, which has no platform. */
export async function platformOffers(
  request: Pick<ImageRequest, 'name' | 'reference'>,
  root: FetchedManifest,
  context: SourceContext,
): Promise<readonly PlatformOffer[]> {
  const { document, descriptor } = root;
  if (document.type === 'index')
    return await offersOf(request, await indexEntries(request, root, context), context);
  const platform = await configPlatform(request, document, context);
  return platform === undefined ? [] : [{ descriptor, platform }];
}

/** The platforms of an index. For an entry without one, its config decides. */
async function offersOf(
  request: Pick<ImageRequest, 'name' | 'reference'>,
  entries: readonly IndexEntry[],
  context: SourceContext,
): Promise<readonly PlatformOffer[]> {
  const offers = await Promise.all(
    entries.map(async ({ descriptor }): Promise<PlatformOffer[]> => {
      if (!isManifestType(descriptor.mediaType)) return [];
      const platform = descriptor.platform ?? (await askedPlatform(request, descriptor, context));
      return platform === undefined ? [] : [{ descriptor, platform }];
    }),
  );
  return offers.flat();
}

async function askedPlatform(
  request: Pick<ImageRequest, 'name' | 'reference'>,
  descriptor: Descriptor,
  context: SourceContext,
): Promise<Platform | undefined> {
  // A nested index is still an entry only when the registry does not have it.
  if (isIndexType(descriptor.mediaType)) return undefined;
  const document = await fetchIfThere(request, descriptor, context);
  return document?.type === 'manifest' ? await configPlatform(request, document, context) : undefined;
}

async function fetchIfThere(
  request: Pick<ImageRequest, 'name' | 'reference'>,
  target: Descriptor,
  context: SourceContext,
): Promise<Manifest | Index | undefined> {
  try {
    return (await fetchManifest(request.reference, target, context)).document;
  } catch (error) {
    passOver(request, { target, error }, context);
    return undefined;
  }
}

/** The platform an image's config names (OCI image-spec, config.md); `undefined` for anything that is no image. */
async function configPlatform(
  request: Pick<ImageRequest, 'reference'>,
  manifest: Manifest,
  context: SourceContext,
): Promise<Platform | undefined> {
  const { config } = manifest;
  if (config.mediaType !== MEDIA_TYPE.ociConfig && config.mediaType !== MEDIA_TYPE.dockerConfig)
    return undefined;
  const bytes = await context.images.document(request.reference, config, context);
  try {
    const platform = decodePlatform(JSON.parse(Buffer.from(bytes).toString('utf8')));
    // `docker import` leaves both empty.
    return platform?.os === '' || platform?.architecture === '' ? undefined : platform;
  } catch (cause) {
    throw new SaddlebagError(
      'ERR_DOCUMENT_INVALID',
      `Cannot read config "${config.digest}": it is not JSON`,
      { cause },
    );
  }
}

function namesOf(offers: readonly PlatformOffer[]): readonly string[] {
  return [...new Set(offers.map(({ platform }) => formatPlatform(platform)))].sort(compareText);
}
