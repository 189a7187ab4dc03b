import { inverse, multiply } from './field.ts';

/**
 * Returns by what the data shard in `column` is multiplied for the parity shard in `row`: 1 / ((255 − row) + column), a Cauchy
 * matrix, with each column divided by its first element. Every square part of a Cauchy matrix has an inverse, and
 * scaled columns do not change that, so any lost shards can be computed from as many parity shards. A Vandermonde matrix
 * under an identity matrix does not have that property (Plank and Ding, 2003). The first row is all ones: a plain XOR.
 */
export function coefficient(row: number, column: number): number {
  return multiply(255 ^ column, inverse((255 - row) ^ column));
}

/** Returns the inverse of a square matrix over GF(2^8), by Gauss and Jordan. The matrix must have one. */
export function invert(matrix: readonly (readonly number[])[]): readonly (readonly number[])[] {
  const size = matrix.length;
  const rows = matrix.map((row, index) => [
    ...row,
    ...Array.from({ length: size }, (_, column) => Number(column === index)),
  ]);
  for (let pivot = 0; pivot < size; pivot++) {
    const found = rows.findIndex((row, index) => index >= pivot && row[pivot] !== 0);
    const [row] = rows.splice(found, 1);
    if (row === undefined) throw new TypeError('the matrix has no inverse');
    const scale = inverse(row[pivot] ?? 0);
    const scaled = row.map((element) => multiply(element, scale));
    rows.splice(pivot, 0, scaled);
    for (const [index, other] of rows.entries()) {
      const factor = other[pivot] ?? 0;
      if (index === pivot || factor === 0) continue;
      rows[index] = other.map((element, column) => element ^ multiply(factor, scaled[column] ?? 0));
    }
  }
  return rows.map((row) => row.slice(size));
}
