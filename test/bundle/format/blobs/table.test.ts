import { expect, it } from 'vitest';
import { BlobTable } from '../../../../src/bundle/format/blobs/table.ts';
import { digestOf } from '../../../../src/oci/digest.ts';

const BLOBS = Array.from({ length: 100 }, (_, number) => ({
  digest: digestOf(`${number}`),
  size: 2 ** 40 + number,
}));

it('a table of blobs has each once, with its first size', () => {
  const [first] = BLOBS;
  const table = BlobTable.of([...BLOBS, ...BLOBS.map((blob) => ({ ...blob, size: 1 }))]);
  expect([...table]).toEqual(BLOBS);
  expect(table).toHaveLength(100);
  expect(table.bytes).toBe(BLOBS.reduce((sum, { size }) => sum + size, 0));
  for (const [index, { digest, size }] of BLOBS.entries()) {
    expect([table.indexOf(digest), table.sizeOf(digest), table.has(digest)]).toEqual([index, size, true]);
  }
  const other = digestOf('other');
  expect([table.indexOf(other), table.sizeOf(other), table.has(other)]).toEqual([-1, undefined, false]);
  expect(first === undefined || table.add(first)).toBe(false);
  expect(BlobTable.of(table)).toBe(table);
});
