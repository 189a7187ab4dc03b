import { isRecord } from '../../../internal/json.ts';
import type { NamedImage } from './context.ts';
import type { ChartContext } from './context.ts';
import { textOf, textValues } from '../../../internal/yaml/text.ts';

/** File names of image lists in charts (`images.lock`, `images-lock.yaml`, `.images.lock.yaml`). */
const FILE = /(?:^|\/)\.?images[.-]lock(?:\.yaml)?$/;

/** Returns the images in a chart's image lists: YAML with a list of names or of `{image}`, or one name a line. */
export function lockedImages({ texts, onUnread }: ChartContext): readonly NamedImage[] {
  return [...texts].flatMap(([path, text]) => {
    if (!FILE.test(path)) return [];
    const names = namesIn(textValues(text)) ?? linesOf(text);
    if (names === undefined) onUnread(path);
    return (names ?? []).map((name): NamedImage => ({ text: name, method: 'image-lock' }));
  });
}

function namesIn(value: unknown): readonly string[] | undefined {
  const list: unknown = isRecord(value) ? value['images'] : value;
  if (!Array.isArray(list)) return undefined;
  return list.flatMap((entry) => {
    const name = textOf(isRecord(entry) ? entry['image'] : entry);
    return name === undefined ? [] : [name];
  });
}

function linesOf(text: string): readonly string[] | undefined {
  const lines = text
    .split(/\r?\n/)
    .map((line) => line.replace(/(?:^|\s)#.*$/, '').trim())
    .filter((line) => line !== '');
  return lines.every((line) => /^[^\s:]+(?::\d+)?\/?\S*:\S+$/.test(line)) ? lines : undefined;
}
