import { multiply } from './field.ts';
import { coefficient } from './matrix.ts';

/** As many products as fit into a word. */
const PACKED = 4;
/** Shards that are added at a time: each word of a sum is then read and written once for all of them. */
export const BATCH = 4;

/** A data shard, and its column in the matrix. */
export interface Summand {
  readonly column: number;
  readonly bytes: Uint8Array;
}

/**
 * Sums of data shards, each multiplied by its coefficient, for some rows of the matrix at once: parity shards. Four rows are
 * computed with one look-up a byte: a table has the four products of a byte in one word. The first row takes none.
 */
export class Sums {
  readonly #rows: readonly number[];
  readonly #size: number;
  readonly #plain: Uint32Array | undefined;
  readonly #groups: readonly Group[];

  /** `size` is that of a shard (bytes), a multiple of 4. Sums of the same `tables` are of the same rows. */
  constructor(tables: Tables, size: number) {
    this.#rows = tables.rows;
    this.#size = size;
    this.#plain = tables.rows.includes(0) ? new Uint32Array(size / 4) : undefined;
    this.#groups = tables.groups.map((table) => ({ table, words: new Uint32Array(size) }));
  }

  /** Adds up to {@link BATCH} shards, each of them once. */
  add(summands: readonly Summand[]): void {
    const [first, ...others] = summands;
    if (first === undefined) return;
    const inputs = [first, ...others].map(({ bytes }) => bytes);
    if (this.#plain !== undefined) addPlain(this.#plain, inputs);
    for (const { table, words } of this.#groups) {
      addProducts(
        words,
        inputs,
        summands.map(({ column }) => table(column)),
      );
    }
  }

  /** Returns the sums, in the order of the rows. */
  finish(): readonly Uint8Array[] {
    const packed = this.#groups.flatMap(({ words }) =>
      Array.from({ length: PACKED }, (_, place) => unpack(words, place)),
    );
    const plain = this.#plain === undefined ? undefined : bytesOf(this.#plain);
    let next = 0;
    return this.#rows.map((row) => (row === 0 ? plain : packed[next++]) ?? new Uint8Array(this.#size));
  }
}

/** The products of every byte with the coefficients of some rows. */
export interface Tables {
  readonly rows: readonly number[];
  /** For each four rows, the table of a column. */
  readonly groups: readonly ((column: number) => Uint32Array)[];
}

/** Returns the tables of some rows; each is made once. */
export function tablesOf(rows: readonly number[]): Tables {
  const others = rows.filter((row) => row !== 0);
  const groups = Array.from({ length: Math.ceil(others.length / PACKED) }, (_, index) =>
    remembering((column) => productsOf(others.slice(index * PACKED, (index + 1) * PACKED), column)),
  );
  return { rows, groups };
}

interface Group {
  readonly table: (column: number) => Uint32Array;
  readonly words: Uint32Array;
}

function remembering(make: (column: number) => Uint32Array): (column: number) => Uint32Array {
  const made = new Map<number, Uint32Array>();
  return (column) => {
    const table = made.get(column) ?? make(column);
    made.set(column, table);
    return table;
  };
}

function productsOf(rows: readonly number[], column: number): Uint32Array {
  const factors = rows.map((row) => coefficient(row, column));
  return Uint32Array.from({ length: 256 }, (_, byte) =>
    factors.reduce((word, factor, place) => word | (multiply(factor, byte) << (8 * place)), 0),
  );
}

const NOTHING = new Uint32Array(256);

function addProducts(
  words: Uint32Array,
  inputs: readonly Uint8Array[],
  tables: readonly Uint32Array[],
): void {
  const [a = new Uint8Array(), b = a, c = a, d = a] = inputs;
  const [forA = NOTHING, forB = NOTHING, forC = NOTHING, forD = NOTHING] = tables;
  for (let index = 0; index < words.length; index++) {
    words[index] =
      (words[index] ?? 0) ^
      (forA[a[index] ?? 0] ?? 0) ^
      (forB[b[index] ?? 0] ?? 0) ^
      (forC[c[index] ?? 0] ?? 0) ^
      (forD[d[index] ?? 0] ?? 0);
  }
}

function addPlain(words: Uint32Array, inputs: readonly Uint8Array[]): void {
  for (const input of inputs) {
    const own = wordsOf(input);
    for (let index = 0; index < words.length; index++) {
      words[index] = (words[index] ?? 0) ^ (own[index] ?? 0);
    }
  }
}

/** Returns the products of the bytes with one element: for a few shards, where a table is not worth its while. */
export function scaled(bytes: Uint8Array, factor: number): Uint8Array {
  const products = Uint8Array.from({ length: 256 }, (_, byte) => multiply(factor, byte));
  const product = new Uint8Array(bytes.length);
  for (let index = 0; index < product.length; index++) product[index] = products[bytes[index] ?? 0] ?? 0;
  return product;
}

/** Adds `bytes` to `sum`, in place. */
export function addTo(sum: Uint8Array, bytes: Uint8Array): void {
  for (let index = 0; index < sum.length; index++) sum[index] = (sum[index] ?? 0) ^ (bytes[index] ?? 0);
}

function unpack(words: Uint32Array, place: number): Uint8Array {
  const bytes = new Uint8Array(words.length);
  for (let index = 0; index < bytes.length; index++) bytes[index] = (words[index] ?? 0) >>> (8 * place);
  return bytes;
}

/** The order of bytes in a word does not matter to an XOR, but words must begin where the system wants them. */
function wordsOf(bytes: Uint8Array): Uint32Array {
  const { buffer, byteOffset, length } = bytes.byteOffset % 4 === 0 ? bytes : bytes.slice();
  return new Uint32Array(buffer, byteOffset, length / 4);
}

function bytesOf(words: Uint32Array): Uint8Array {
  return new Uint8Array(words.buffer, words.byteOffset, words.byteLength);
}
