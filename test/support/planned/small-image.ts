import { smallImage } from '../../../scripts/bench/growth/image.ts';
import type { PlannedSample } from './items.ts';

/** Returns one of many small images that share nothing, all of it in memory. */
export function smallSample(number: number): PlannedSample {
  const { contents } = smallImage(number);
  const all = contents.map(({ type: mediaType, digest, bytes }) => ({
    descriptor: { mediaType, digest, size: bytes.length },
    bytes,
  }));
  const root = all.at(-1)?.descriptor;
  if (root === undefined) throw new Error('the image has no content');
  const item = {
    kind: 'image',
    name: `quay.io/lab/small-${number}:v1`,
    descriptor: root,
    audience: ['registry'],
  } as const;
  const blobs = all.map(({ descriptor, bytes }) => {
    return { descriptor, origin: { type: 'bytes', bytes } as const };
  });
  return { planned: { item, blobs }, contents: all };
}
