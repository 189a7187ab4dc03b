import { describe, expect, it } from 'vitest';
import { inverse, multiply } from '../../src/parity/field.ts';
import { coefficient, invert } from '../../src/parity/matrix.ts';
import { scaled, Sums, tablesOf } from '../../src/parity/sums.ts';

const ELEMENTS = Array.from({ length: 256 }, (_, element) => element);

/** Multiplies as one does by hand: shift, and take the polynomial off (bundle-spec/parity.md, "Field"). */
function byHand(left: number, right: number): number {
  let product = 0;
  for (let bit = 0, shifted = left; bit < 8; bit++) {
    if ((right >> bit) & 1) product ^= shifted;
    shifted <<= 1;
    if (shifted & 0x100) shifted ^= 0x11d;
  }
  return product;
}

describe('GF(2^8)', () => {
  it('multiplies as shifting and adding does [B-PAR-3]', () => {
    for (const left of ELEMENTS) {
      for (const right of ELEMENTS) expect(multiply(left, right)).toBe(byHand(left, right));
    }
  });

  it('has an inverse of each element but 0', () => {
    for (const element of ELEMENTS.slice(1)) expect(multiply(element, inverse(element))).toBe(1);
  });
});

describe('the matrix', () => {
  it('begins with a row of ones', () => {
    expect(ELEMENTS.slice(0, 224).map((column) => coefficient(0, column))).toEqual(Array(224).fill(1));
  });

  it('is the one of the specification [B-PAR-3]', () => {
    expect([0, 1, 2, 199].map((column) => coefficient(1, column))).toEqual(
      [0, 1, 2, 199].map((column) => byHand(255 ^ column, inverse(254 ^ column))),
    );
  });

  it('has an inverse wherever it is cut, so that any shards can be lost', () => {
    let seed = 1;
    const random = (below: number): number => {
      seed = (seed * 48271) % 2147483647;
      return seed % below;
    };
    const pick = (count: number, below: number): readonly number[] => {
      const picked = new Set<number>();
      while (picked.size < count) picked.add(random(below));
      return [...picked];
    };
    for (let round = 0; round < 300; round++) {
      const size = 1 + random(32);
      const [rows, columns] = [pick(size, 32), pick(size, 224)];
      const matrix = rows.map((row) => columns.map((column) => coefficient(row, column)));
      const inverted = invert(matrix);
      const product = matrix.map((row) =>
        columns.map((_, column) =>
          row.reduce((sum, element, index) => sum ^ multiply(element, inverted[index]?.[column] ?? 0), 0),
        ),
      );
      expect(product).toEqual(matrix.map((_, row) => matrix.map((_other, column) => Number(row === column))));
    }
  });

  it('has no square of two with the determinant 0', () => {
    for (let row = 0; row < 8; row++) {
      for (let other = row + 1; other < 8; other++) {
        for (let column = 0; column < 224; column++) {
          const next = (column + 1) % 224;
          const determinant =
            multiply(coefficient(row, column), coefficient(other, next)) ^
            multiply(coefficient(row, next), coefficient(other, column));
          expect(determinant).not.toBe(0);
        }
      }
    }
  });
});

describe('sums of shards', () => {
  it.each([[[0]], [[0, 1, 2, 3, 4]], [[3, 0]], [[7]], [[1, 2, 3, 4, 5, 6, 7, 8, 9]]])(
    'are those of their rows: %j',
    (rows) => {
      const shards = [0, 1, 2, 3, 4, 5, 6].map((seed) =>
        Uint8Array.from({ length: 64 }, (_, at) => (at * 37 + seed * 101) % 256),
      );
      const sums = new Sums(tablesOf(rows), 64);
      for (let next = 0; next < shards.length; next += 4) {
        sums.add(shards.slice(next, next + 4).map((bytes, place) => ({ column: next + place, bytes })));
      }
      const expected = rows.map((row) =>
        shards.reduce(
          (sum, shard, column) =>
            sum.map((byte, at) => byte ^ (scaled(shard, coefficient(row, column))[at] ?? 0)),
          new Uint8Array(64),
        ),
      );
      expect(sums.finish().map((sum) => [...sum])).toEqual(expected.map((sum) => [...sum]));
    },
  );
});
