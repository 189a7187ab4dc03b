import type { PlannedItem } from '../../bundle/format/item.ts';
import { isChartManifest } from '../../bundle/format/chart-files.ts';
import { artifactTypeIn } from '../../oci/artifact.ts';
import { isSaddlebagError, SaddlebagError } from '../../internal/error.ts';
import { mayBeAbsent } from '../../oci/absence.ts';
import { throwIfInterrupted } from '../../internal/interrupt.ts';
import { REQUESTS_AT_ONCE } from '../../internal/http/host.ts';
import { mapCollecting, ProblemsError } from '../../internal/problems.ts';
import { type FetchedManifest, graphOf } from './graph.ts';
import { choosePlatforms } from './platforms.ts';
import { type ImageRequest, type ImagesPart, mergeImageRequests } from './requests.ts';
import { fetchRoot } from './root.ts';
import { fullName } from '../charts/images/find.ts';
import { planPushedChart } from '../charts/planned-chart.ts';
import type { SourceContext } from '../source.ts';
import { rootWithWindows } from './windows-index.ts';

/**
 * Turns images into items. Without a platform, the item is the whole index byte for byte; with one, its manifest; with several,
 * an index of just these. An image whose config says Helm chart becomes a chart: Rancher's lists hold both. `onItem` gets each
 * item as soon as it is known.
 *
 * @throws `ProblemsError` with every image that cannot be fetched
 */
export async function resolveImages(
  part: ImagesPart,
  context: SourceContext,
  { onItem }: { readonly onItem?: ((planned: PlannedItem) => void) | undefined } = {},
): Promise<readonly PlannedItem[]> {
  const { requests, problems } = mergeImageRequests(part);
  context.tally?.announce(requests.length);
  const places = new Map([...(part.namedAt ?? [])].map(([text, place]) => [fullName(text), place]));
  const items = await mapCollecting([...requests, ...problems], {
    code: 'ERR_RESOLVE_FAILED',
    message: () => 'Cannot resolve the images of the spec',
    limit: REQUESTS_AT_ONCE,
    map: async (each) => {
      if (each instanceof SaddlebagError) throw each;
      throwIfInterrupted(context.signal);
      const resolve = async (): Promise<readonly PlannedItem[]> => await resolveIfThere(each, context);
      try {
        const found = await (context.tally?.track(each.name, resolve, { announced: true }) ?? resolve());
        for (const planned of found) onItem?.(planned);
        return found;
      } catch (error) {
        throw placed(error, places.get(each.name));
      }
    },
  });
  tellMovedTags(items.flat(), context);
  return items.flat();
}

/** An image that only a manifest names is looked for there, and not in the spec. */
function placed(error: unknown, place: string | undefined): unknown {
  if (place === undefined || !isSaddlebagError(error) || error instanceof ProblemsError) return error;
  const { code, message, hint, cause } = error;
  const before = hint === undefined ? '' : `${hint} `;
  return new SaddlebagError(code, message, { hint: `${before}It is named at ${place}.`, cause });
}

/**
 * A chart may pin a digest while a list names the tag, which has moved since. Both are bundled, and only one can have the tag.
 */
function tellMovedTags(items: readonly PlannedItem[], { warn }: SourceContext): void {
  const byTag = Map.groupBy(items, ({ item }) => item.name.replace(/@.*$/, ''));
  for (const [name, all] of byTag) {
    const digests = [...new Set(all.map(({ item }) => item.descriptor.digest))];
    if (digests.length < 2 || !/:[^/]+$/.test(name)) continue;
    warn({
      level: 'warning',
      message: `"${name}" stands for ${digests.length} images in this bundle: ${all.map(({ item }) => `"${item.name}"`).join(', ')}`,
      hint: 'Its tag has moved since a digest was written down. The image with a digest is pushed by digest only; the other one gets the tag.',
    });
  }
}

/** Warns of a wrong guess; the bundle goes without it. */
async function resolveIfThere(
  request: ImageRequest,
  context: SourceContext,
): Promise<readonly PlannedItem[]> {
  try {
    return [await resolveImage(request, context)];
  } catch (error) {
    if (request.guessedFrom === undefined) throw error;
    if (!mayBeAbsent(error) && !isSaddlebagError(error, 'ERR_PLATFORM_NOT_FOUND')) throw error;
    context.warn({
      level: 'warning',
      message: `${error.message}; ${request.guessedFrom} names it, and the bundle goes without it`,
      hint: 'If it is needed, give its correct name under "images"; if not, put it under "exclude" beside the chart.',
    });
    return [];
  }
}

/** Returns the item of one image. @throws as {@link resolveImages}, for this image alone */
export async function resolveImage(request: ImageRequest, context: SourceContext): Promise<PlannedItem> {
  const { name, reference } = request;
  try {
    const source =
      request.windows === undefined
        ? await fetchRoot(request, context)
        : await rootWithWindows(request, context);
    if (isChartManifest(source.document))
      return await planPushedChart(name, { reference, root: source }, context);
    const artifactType = artifactTypeIn(source.document);
    if (artifactType !== undefined) return await planForeign(request, source, { artifactType, context });
    const { root, platforms } = await choosePlatforms(request, source, context);
    const blobs = await graphOf(reference, root, context);
    const { mediaType, digest, size } = root.descriptor;
    const item = {
      kind: 'image',
      name,
      descriptor: { mediaType, digest, size },
      audience: ['registry'],
    } as const;
    const { spellings = [] } = request;
    const written = {
      platforms,
      at: request.at,
      // Only the name in a bundle shows that an image was written without a namespace.
      spellings: spellings.some((spelling) => spelling.includes('/')) ? spellings : undefined,
    };
    return { item: { ...item, ...written }, blobs, isMade: root.isMade };
  } catch (error) {
    throw naming(name, error);
  }
}

/** Returns the item of what is at a registry and no image: it is taken as it is, for every platform there is. */
async function planForeign(
  { name, reference }: ImageRequest,
  root: FetchedManifest,
  options: { readonly artifactType: string; readonly context: SourceContext },
): Promise<PlannedItem> {
  const { artifactType, context } = options;
  const blobs = await graphOf(reference, root, context);
  const { mediaType, digest, size } = root.descriptor;
  const descriptor = { mediaType, digest, size, artifactType };
  return { item: { kind: 'artifact', name, descriptor, audience: ['registry'] }, blobs };
}

/** Problems deep in a graph speak of digests; users know the image by its name. */
function naming(name: string, error: unknown): unknown {
  if (!(error instanceof SaddlebagError) || error.code === 'ERR_INTERRUPTED') return error;
  if (error.message.includes(`"${name}"`)) return error;
  const fact = `${error.message.charAt(0).toLowerCase()}${error.message.slice(1)}`;
  return new SaddlebagError(error.code, `Cannot resolve image "${name}": ${fact}`, {
    hint: error.hint,
    cause: error,
  });
}
