import { SaddlebagError } from '../../internal/error.ts';
import { mapConcurrently } from '../../internal/gate.ts';
import { uniqueBy } from '../../internal/order.ts';
import { mayBeAbsent } from '../../oci/absence.ts';
import { encodeDescriptor } from '../../oci/descriptor.ts';
import { digestOf } from '../../oci/digest.ts';
import { decodeManifest } from '../../oci/manifest.ts';
import { MEDIA_TYPE } from '../../oci/media-type.ts';
import { formatPlatform } from '../../oci/platform.ts';
import { formatReference } from '../../oci/reference.ts';
import type { FetchedManifest } from './graph.ts';
import { entriesOf } from './narrow-index.ts';
import { platformOffers } from './platforms.ts';
import type { ImageRequest } from './requests.ts';
import { fetchRoot } from './root.ts';
import type { PlatformOffer } from './select-platforms.ts';
import type { SourceContext } from '../source.ts';

/** Suffixes that Rancher's scripts add to a tag for each Windows release (`rancher-save-images.ps1`, and later names). */
const RELEASES = ['1809', '1903', '1909', '2004', '20H2', 'ltsc2019', 'ltsc2022', 'ltsc2025'] as const;
const CONCURRENCY = 4;

/**
 * Returns an image for Windows, and for Linux unless it is wanted for Windows `alone`. An upstream index that has both is kept.
 * Otherwise an index is made from the Linux image and the images tagged for each Windows release, as `docker manifest create`
 * would: each platform comes from the image's own config, `os.version` included.
 *
 * @throws `ERR_PLATFORM_NOT_FOUND` when either is nowhere to be found, and what `fetchRoot` throws
 */
export async function rootWithWindows(
  request: ImageRequest,
  context: SourceContext,
): Promise<FetchedManifest> {
  const alone = request.windows === 'alone';
  const root = await plainRoot(request, context, { orNone: alone });
  const offers = root === undefined ? [] : await platformOffers(request, root, context);
  const isComplete = hasOs(offers, 'windows') && (alone || hasOs(offers, 'linux'));
  if (root !== undefined && isComplete) return root;
  if (!alone && !hasOs(offers, 'linux')) throw missing(request, 'linux', offers);
  const windows = await windowsOffers(request, context);
  if (windows.length === 0) throw missing(request, 'windows', offers);
  return makeIndex(windows, alone || root === undefined ? undefined : { root, offers });
}

async function plainRoot(
  request: ImageRequest,
  context: SourceContext,
  { orNone }: { readonly orNone: boolean },
): Promise<FetchedManifest | undefined> {
  try {
    return await fetchRoot(request, context);
  } catch (error) {
    if (orNone && mayBeAbsent(error)) return undefined;
    throw error;
  }
}

function hasOs(offers: readonly PlatformOffer[], os: string): boolean {
  return offers.some(({ platform }) => platform.os === os);
}

/** Returns the images under Windows-only tags, by release. */
async function windowsOffers(
  request: ImageRequest,
  context: SourceContext,
): Promise<readonly PlatformOffer[]> {
  const { tag } = request.reference;
  if (tag === undefined) return [];
  const offers = await mapConcurrently(RELEASES, CONCURRENCY, async (release) => {
    const reference = { ...request.reference, tag: `${tag}-windows-${release}` };
    const asked = { reference, name: formatReference(reference) };
    const root = await plainRoot(asked, context, { orNone: true });
    return root === undefined ? [] : await platformOffers(asked, root, context);
  });
  const windows = offers.flat().filter(({ platform }) => platform.os === 'windows');
  for (const { platform, descriptor } of windows) {
    if (platform.osVersion !== undefined) continue;
    context.warn({
      level: 'warning',
      message: `Image "${request.name}" has a part for Windows, "${descriptor.digest}", that names no os.version`,
      hint: 'Nodes of another build of Windows may choose it, and fail.',
    });
  }
  return uniqueBy(windows, ({ descriptor }) => descriptor.digest);
}

/** Windows comes first, as in Rancher's script; entries of an upstream index stay as written. */
function makeIndex(
  windows: readonly PlatformOffer[],
  linux: { readonly root: FetchedManifest; readonly offers: readonly PlatformOffer[] } | undefined,
): FetchedManifest {
  const entries = [...windows.map(entryOf), ...(linux === undefined ? [] : linuxEntries(linux))];
  const isDocker = entries.every((entry) => entry['mediaType'] === MEDIA_TYPE.dockerManifest);
  const mediaType = isDocker ? MEDIA_TYPE.dockerList : MEDIA_TYPE.ociIndex;
  const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType, manifests: entries }));
  return {
    descriptor: { mediaType, digest: digestOf(bytes), size: bytes.length },
    bytes,
    document: decodeManifest(bytes, mediaType),
    isMade: true,
  };
}

function linuxEntries(linux: {
  readonly root: FetchedManifest;
  readonly offers: readonly PlatformOffer[];
}): readonly Record<string, unknown>[] {
  const { root, offers } = linux;
  return root.document.type === 'index' ? entriesOf(root) : offers.map(entryOf);
}

function entryOf({ descriptor, platform }: PlatformOffer): Record<string, unknown> {
  const { mediaType, digest, size } = descriptor;
  return encodeDescriptor({ mediaType, digest, size, platform });
}

function missing(
  { name, reference }: ImageRequest,
  os: 'linux' | 'windows',
  offers: readonly PlatformOffer[],
): SaddlebagError {
  const offered = [...new Set(offers.map(({ platform }) => formatPlatform(platform)))].join(', ');
  const tags =
    os === 'windows'
      ? `, and there is no tag such as "${reference.tag ?? ''}-windows-ltsc2022" beside it`
      : '';
  return new SaddlebagError(
    'ERR_PLATFORM_NOT_FOUND',
    `Cannot find ${os} of image "${name}": it has ${offered === '' ? 'no platform' : offered}${tags}`,
    { hint: 'Rancher’s list promises it: ask there, or leave "windows" out.' },
  );
}
