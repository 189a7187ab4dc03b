import type { ChartImage, ChartImageMethod } from '../../bundle/format/item.ts';
import { isSaddlebagError } from '../../internal/error.ts';
import { compareText } from '../../internal/order.ts';
import { formatReference, parseReference } from '../../oci/reference.ts';
import { annotatedImages } from './annotations.ts';
import type { ChartTexts } from './archive.ts';
import { lockedImages } from './image-lock.ts';
import type { ChartMetadata } from './metadata.ts';
import { templateImages } from './templates.ts';
import { valuesImages } from './values.ts';
import { certManagerSolver } from './cert-manager.ts';

/** An image as a chart names it. */
export interface NamedImage {
  readonly text: string;
  readonly method: ChartImageMethod;
  /** `linux` when left out (Rancher, `pkg/image/charts.go`). */
  readonly os?: string | undefined;
}

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
}

/**
 * Returns the images that a chart names, without rendering it: by its annotations, by lists of images in it, by its values in
 * Rancher's way and by guesses beyond that, and by the text of its templates. Components that are turned off are found too; what
 * only a template puts together is not.
 */
export function findChartImages(chart: ChartMetadata, texts: ChartTexts): ChartFinds {
  const unread: string[] = [];
  const context = { chart, texts, onUnread: (path: string) => void unread.push(path) };
  const named = [
    ...annotatedImages(context),
    ...lockedImages(context),
    ...valuesImages(context),
    ...templateImages(context),
    ...certManagerSolver(chart),
  ];
  return { images: mergeImages(named), unread: [...new Set(unread)].sort(compareText) };
}

/** What the ways of finding images work with. */
export interface ChartContext {
  readonly chart: ChartMetadata;
  readonly texts: ChartTexts;
  readonly onUnread: (path: string) => void;
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

function fullName(text: string): string | undefined {
  try {
    return formatReference(parseReference(text));
  } catch (error) {
    if (!isSaddlebagError(error, 'ERR_REFERENCE_INVALID')) throw error;
    return undefined;
  }
}
