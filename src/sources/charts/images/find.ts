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
  /**
   * As the chart writes it: `busybox:1` and `library/busybox:1` are the same image, but Rancher's registries have it under two
   * names.
   */
  readonly texts: readonly string[];
  /** Whether every way it was found by points to Windows alone. */
  readonly windowsOnly: boolean;
}

/** What a chart names, and which of its files could not be read. */
export interface ChartFinds {
  /** Sorted by name. */
  readonly images: readonly FoundImage[];
  /** Files of the chart whose content does not match their name. */
  readonly unread: readonly string[];
  /** Full names of texts that only look like an image; sorted. */
  readonly lookalikes: readonly string[];
}

/**
 * Returns the images that a chart names, without rendering it: from its annotations, its image lists, its values (by Rancher's
 * rule and by guesses beyond it), and the text of its templates. Includes components that are turned off; misses names that
 * only a template assembles. `values` (decoded, scalars as strings) override those of the chart.
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

/** Returns each image once by its full name. Drops whatever is no reference, since most of it is template text. */
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

/** Returns the full form of a name; `undefined` when it is no reference. */
export function fullName(text: string): string | undefined {
  try {
    return formatReference(parseReference(text));
  } catch (error) {
    if (!isSaddlebagError(error, 'ERR_REFERENCE_INVALID')) throw error;
    return undefined;
  }
}
