import { compareText } from '../../internal/order.ts';
import type { DividedPart } from './division.ts';
import { parseImageSources } from './image-sources.ts';

/** Our own list beside those of a release: images that were left out on purpose, each with the parts that want it. */
export const LEFT_OUT_LIST = 'left-out-images.txt';

/** Returns the list as a file, in the form of the release's sources list; `undefined` when nothing was left out. */
export function encodeLeftOut(parts: readonly DividedPart[]): Uint8Array | undefined {
  const pairs = parts.flatMap(({ name, leftOut }) => leftOut.map((image) => ({ image, name })));
  if (pairs.length === 0) return undefined;
  const byImage = Map.groupBy(pairs, ({ image }) => image);
  const lines = [...byImage].map(
    ([image, wanted]) => `${image} ${wanted.map(({ name }) => name).join(',')}\n`,
  );
  return Buffer.from(lines.sort(compareText).join(''));
}

/** Decodes that list: the parts that want each image, by full reference. @throws `ERR_LIST_INVALID` */
export function parseLeftOut(bytes: Uint8Array): ReadonlyMap<string, readonly string[]> {
  return parseImageSources(Buffer.from(bytes).toString('utf8'), LEFT_OUT_LIST);
}
