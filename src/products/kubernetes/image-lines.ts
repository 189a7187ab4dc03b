import { flagsIn, flagTakesImage, namesImage } from './image-names.ts';
import { hasTag, imageTextOf, lookalikesIn, plainImageOf } from './image-text.ts';
import type { Verdict } from './judge.ts';

/** A text that is no document, and what is known of its place. */
export interface Line {
  readonly text: string;
  /** Whether it is directly below a key such as `images`. */
  readonly isListed?: boolean | undefined;
  readonly isNote?: boolean | undefined;
}

/** Returns what a text names: in arguments, as `NAME=REF`, or by its look alone. */
export function imagesInLine({ text, isNote }: Line): readonly Verdict[] {
  // Most texts of an object are names, words and numbers.
  if (!/[/:@=]|--?[a-z]/i.test(text)) return [];
  const flagged = isNote === true ? [] : flagsIn(text).flatMap(([flag, value]) => flagVerdict(flag, value));
  const assigned = isNote === true ? undefined : assignedImage(text);
  const known = new Set([...flagged, ...(assigned === undefined ? [] : [assigned])].map((one) => one.text));
  return [
    ...flagged,
    ...(assigned === undefined || flagged.some((one) => one.text === assigned.text) ? [] : [assigned]),
    ...lookalikesIn(text)
      .filter((lookalike) => !known.has(lookalike))
      .map((lookalike) => ({ text: lookalike, isSure: false })),
  ];
}

function flagVerdict(flag: string, value: string): readonly Verdict[] {
  const image = flagTakesImage(flag) ? imageTextOf(value) : undefined;
  if (image !== undefined) return [{ text: image, isSure: !isBase(flag, image) }];
  const plain = plainImageOf(value);
  return plain === undefined ? [] : [{ text: plain, isSure: false, isLikely: true }];
}

/** The operator of Prometheus adds the tag to `--prometheus-default-base-image`. */
function isBase(flag: string, image: string): boolean {
  return flag.endsWith('base-image') && !hasTag(image);
}

function assignedImage(text: string): Verdict | undefined {
  const [key = '', ...rest] = text.split('=');
  if (rest.length === 0 || !/^-{0,2}[\w.-]+$/.test(key)) return undefined;
  const value = rest.join('=');
  if (namesImage(key)) {
    const image = imageTextOf(value);
    return image === undefined ? undefined : { text: image, isSure: true };
  }
  const plain = plainImageOf(value);
  return plain === undefined ? undefined : { text: plain, isSure: false, isLikely: true };
}
