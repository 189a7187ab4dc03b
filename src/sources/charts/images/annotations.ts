import { isRecord } from '../../../internal/json.ts';
import type { NamedImage } from './context.ts';
import type { ChartContext } from './context.ts';
import { textOf, textValues } from '../../../internal/yaml/text.ts';

/**
 * Artifact Hub's key, the one proposed for Helm (HIP-0015), and one in informal use: each a list of images, as YAML in a
 * string.
 */
const KEYS = ['artifacthub.io/images', 'helm.sh/images', 'images'] as const;

/** Returns the images that a chart lists in the annotations of its `Chart.yaml`. */
export function annotatedImages({ chart, onUnread }: ChartContext): readonly NamedImage[] {
  return KEYS.flatMap((key) => {
    const text = chart.annotations[key];
    if (text === undefined || text.trim() === '') return [];
    const list = textValues(text);
    if (!Array.isArray(list)) {
      onUnread(`annotation ${key}`);
      return [];
    }
    return imagesOf(list);
  });
}

function imagesOf(list: readonly unknown[]): readonly NamedImage[] {
  return list.flatMap((entry): NamedImage[] => {
    const text = textOf(isRecord(entry) ? entry['image'] : entry);
    return text === undefined ? [] : [{ text, method: 'annotation' }];
  });
}
