import { describe, expect, it } from 'vitest';
import type { PlannedItem } from '../../src/bundle/format/item.ts';
import { digestOf } from '../../src/oci/digest.ts';
import { sizeOfParts } from '../../src/sources/part-sizes.ts';

/** An item of these blobs; the number in the name of a blob is its size. */
function item(name: string, blobs: readonly string[], kind: 'image' | 'file' = 'image'): PlannedItem {
  const planned = blobs.map((blob) => ({
    descriptor: { mediaType: '', digest: digestOf(blob), size: Number(blob.replace(/\D/g, '')) },
    origin: { type: 'bytes', bytes: Buffer.from(blob) } as const,
  }));
  const descriptor = { mediaType: '', digest: digestOf(name), size: 1 };
  return { item: { kind, name, descriptor, audience: [] }, blobs: planned };
}

const part = (name: string, images: readonly string[], leftOut: readonly string[] = []) => ({
  name,
  without: `no ${name}`,
  images,
  leftOut,
});

const ITEMS = [
  item('a', ['base1000', 'a1']),
  item('b', ['base1000', 'b20']),
  item('c', ['c300', 'tool4000']),
  item('tool', ['tool4000'], 'file'),
];
const RELEASE = {
  name: 'Rancher v2.9.3',
  parts: [part('one', ['a']), part('two', ['a', 'b']), part('three', ['c']), part('none', [], ['d'])],
};

describe('the size of the parts of a release', () => {
  it('counts each blob once: alone, or shared with another part or item', () => {
    expect(sizeOfParts(RELEASE, ITEMS, () => true)).toEqual({
      name: 'Rancher v2.9.3',
      images: 3,
      bytes: 1000 + 1 + 20 + 300 + 4000,
      sharedBytes: 1000 + 1 + 4000,
      parts: [
        { name: 'three', images: 1, bytes: 300, sharedBytes: 4000, leftOut: 0, without: 'no three' },
        { name: 'two', images: 2, bytes: 20, sharedBytes: 1001, leftOut: 0, without: 'no two' },
        { name: 'one', images: 1, bytes: 0, sharedBytes: 1001, leftOut: 0, without: 'no one' },
        { name: 'none', images: 0, bytes: 0, sharedBytes: 0, leftOut: 1, without: 'no none' },
      ],
    });
  });

  it('counts a chart that the release lists among its images', () => {
    const chart: PlannedItem = {
      ...item('chart', ['chart70']),
      item: {
        kind: 'chart',
        name: 'chart',
        chart: 'fleet',
        version: '1',
        descriptor: item('x', []).item.descriptor,
        audience: [],
      },
    };
    const { bytes } = sizeOfParts({ name: 'Rancher', parts: [part('one', ['chart'])] }, [chart], () => true);
    expect(bytes).toBe(70);
  });

  it('counts what a delta holds, and no more', () => {
    const base = digestOf('base1000');
    const { bytes, sharedBytes } = sizeOfParts(RELEASE, ITEMS, (digest) => digest !== base);
    expect({ bytes, sharedBytes }).toEqual({ bytes: 4321, sharedBytes: 4001 });
  });

  it('knows what the spec leaves out by name, and what it brings by another key', () => {
    const parts = [part('one', ['a', 'gone']), part('two', [], ['b', 'd'])];
    const { images, parts: sizes } = sizeOfParts({ name: 'Rancher', parts }, ITEMS, () => true);
    expect(images).toBe(1);
    expect(sizes.map(({ name, images: own, leftOut }) => [name, own, leftOut])).toEqual([
      ['one', 1, 0],
      ['two', 0, 1],
    ]);
  });
});
