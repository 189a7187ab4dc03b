import { describe, expect, it } from 'vitest';
import { PlannedBlobs } from '../../../../src/bundle/format/blobs/planned.ts';
import type { Origin, PlannedBlob } from '../../../../src/bundle/format/item.ts';
import { digestOf } from '../../../../src/oci/digest.ts';
import { parseReference } from '../../../../src/oci/reference.ts';

const ORIGINS: readonly Origin[] = [
  { type: 'registry', reference: parseReference('quay.io/lab/app:v1') },
  { type: 'bytes', bytes: Buffer.from('text') },
  { type: 'url', url: 'https://files.test/x' },
];

function blobOf(number: number): PlannedBlob {
  const descriptor = {
    mediaType: `application/vnd.lab.${number % 5}`,
    digest: digestOf(String(number)),
    size: number * 2 ** 33,
  };
  const origin = ORIGINS[number % 3] ?? { type: 'url', url: '' };
  return number % 7 === 0
    ? { descriptor: { ...descriptor, urls: ['https://layers.test/'] }, origin }
    : { descriptor, origin };
}

describe('the table of planned blobs', () => {
  const blobs = Array.from({ length: 100 }, (_, number) => blobOf(number));
  const table = PlannedBlobs.of(blobs);

  it('gives back what was put in, in its order', () => {
    expect([...table]).toEqual(blobs);
    expect(table.at(100)).toBeUndefined();
    expect([...table.refs].map(({ digest }) => digest)).toEqual(blobs.map((blob) => blob.descriptor.digest));
  });

  it('hands on the origin itself, and a table as it is', () => {
    expect(table.at(4)?.origin).toBe(ORIGINS[1]);
    expect(PlannedBlobs.of(table)).toBe(table);
  });

  it('keeps the first of two with one digest', () => {
    const [first = blobOf(1), second = blobOf(2)] = blobs;
    const other = { ...first, origin: second.origin };
    expect([...PlannedBlobs.of([first, other, second])]).toEqual([first, second]);
  });
});
