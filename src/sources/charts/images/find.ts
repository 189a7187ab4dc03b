import type { ChartImage } from '../../../bundle/format/item.ts';
import { isSaddlebagError } from '../../../internal/error.ts';
import { compareText } from '../../../internal/order.ts';
import { formatReference, parseReference } from '../../../oci/reference.ts';
import { annotatedImages } from './annotations.ts';
import type { ChartTexts } from '../archive.ts';
import { lockedImages } from './image-lock.ts';
import type { ChartMetadata } from '../metadata.ts';
import { templateImages } from './templates.ts';
import { valuesImages } from './values.ts';
import { certManagerSolver } from './cert-manager.ts';
import type { ChartContext, NamedImage } from './context.ts';

/** An image found in a chart. */
export interface FoundImage extends ChartImage {
  /** As the chart writes it: `busybox:1` and `library/busybox:1` are one, and go by two names at Rancher's registries. */
  readonly texts: readonly string[];
  /** Whether every way it was found by speaks of Windows alone. */
  readonly windowsOnly: boolean;
}

/** What was found in a chart, and what in it could not be read. */
export interface ChartFinds {
  /** Sorted by name. */
  readonly images: readonly FoundImage[];
  /** Files of the chart that are not what their names say. */
  readonly unread: readonly string[];
  /** Full names of what only looks like an image; sorted. */
  readonly lookalikes: readonly string[];
}

/**
 * Returns the images that a chart names, without rendering it: by its annotations, by lists of images in it, by its values in
 * Rancher's way and by guesses beyond that, and by the text of its templates. Components that are turned off are found too; what
 * only a template puts together is not. `values` (decoded, scalars as texts) go over those of the chart.
 */
export function findChartImages(
  chart: ChartMetadata,
  texts: ChartTexts,
  values: ChartContext['values'] = {},
): ChartFinds {
  const unread: string[] = [];
  const context = { chart, texts, values, onUnread: (path: string) => void unread.push(path) };
  const ofValues = valuesImages(context);
  const ofTemplates = templateImages(context);
  const images = mergeImages([
    ...annotatedImages(context),
    ...lockedImages(context),
    ...ofValues.images,
    ...ofTemplates.images,
    ...certManagerSolver(chart),
  ]);
  const names = new Set(images.map(({ name }) => name));
  const lookalikes = [...ofValues.lookalikes, ...ofTemplates.lookalikes]
    .map(fullName)
    .filter((name) => name !== undefined && !names.has(name));
  return {
    images,
    unread: [...new Set(unread)].sort(compareText),
    lookalikes: [...new Set(lookalikes)].filter((name) => name !== undefined).sort(compareText),
  };
}

/** Returns each image once by its full name; what is no reference is left out, for most of it is template text. */
export function mergeImages(named: readonly NamedImage[]): readonly FoundImage[] {
  const known = named.flatMap((image) => {
    const name = fullName(image.text);
    return name === undefined ? [] : [{ ...image, name }];
  });
  const groups = [...Map.groupBy(known, ({ name }) => name)];
  return groups
    .map(([name, group]) => ({
      name,
      methods: [...new Set(group.map(({ method }) => method))].sort(compareText),
      texts: [...new Set(group.map(({ text }) => text))].sort(compareText),
      windowsOnly: group.every(({ os }) => os?.trim() === 'windows'),
    }))
    .sort((left, right) => compareText(left.name, right.name));
}

/** Returns the full form of a name; `undefined` for what is none. */
export function fullName(text: string): string | undefined {
  try {
    return formatReference(parseReference(text));
  } catch (error) {
    if (!isSaddlebagError(error, 'ERR_REFERENCE_INVALID')) throw error;
    return undefined;
  }
}
