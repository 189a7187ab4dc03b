/** The polynomial of GF(2^8): x^8 + x^4 + x^3 + x^2 + 1. Its root, 2, generates every element but 0. */
const POLYNOMIAL = 0x11d;
const ORDER = 255;

/** Powers of 2, twice over, so that a sum of two logarithms needs no reduction. */
const POWERS = new Uint8Array(2 * ORDER);
const LOGARITHMS = new Uint8Array(256);

for (let exponent = 0, power = 1; exponent < ORDER; exponent++) {
  POWERS[exponent] = power;
  POWERS[exponent + ORDER] = power;
  LOGARITHMS[power] = exponent;
  power <<= 1;
  if (power > ORDER) power ^= POLYNOMIAL;
}

/** Returns the product of two elements of GF(2^8). */
export function multiply(left: number, right: number): number {
  if (left === 0 || right === 0) return 0;
  return POWERS[(LOGARITHMS[left] ?? 0) + (LOGARITHMS[right] ?? 0)] ?? 0;
}

/** Returns the element that gives 1 when it is multiplied by `element`, which is not 0. */
export function inverse(element: number): number {
  return POWERS[ORDER - (LOGARITHMS[element] ?? 0)] ?? 0;
}
