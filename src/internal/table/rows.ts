/** Rows in an order of their own. An array is one, and so is a {@link Table}. */
export interface Rows<T> extends Iterable<T> {
  readonly length: number;
  at(index: number): T | undefined;
  values(): IteratorObject<T>;
  map<R>(change: (row: T, index: number) => R): R[];
  flatMap<R>(change: (row: T, index: number) => R | readonly R[]): R[];
  filter(test: (row: T, index: number) => boolean): T[];
  find(test: (row: T, index: number) => boolean): T | undefined;
  slice(start: number, end?: number): T[];
  reduce<R>(add: (sum: R, row: T) => R, start: R): R;
}

/** Rows of which none is kept as an object: each is made when it is asked for. A hundred thousand of them take little memory. */
export abstract class Table<T> implements Rows<T> {
  abstract readonly length: number;

  /** Returns the row at an index from 0 on; `undefined` where there is none. */
  abstract at(index: number): T | undefined;

  *values(): Generator<T, undefined, undefined> {
    for (let index = 0; index < this.length; index++) {
      const row = this.at(index);
      if (row !== undefined) yield row;
    }
  }

  [Symbol.iterator](): Generator<T, undefined, undefined> {
    return this.values();
  }

  map<R>(change: (row: T, index: number) => R): R[] {
    return this.values().map(change).toArray();
  }

  flatMap<R>(change: (row: T, index: number) => R | readonly R[]): R[] {
    return [...this].flatMap((row, index) => change(row, index));
  }

  filter(test: (row: T, index: number) => boolean): T[] {
    return this.values().filter(test).toArray();
  }

  find(test: (row: T, index: number) => boolean): T | undefined {
    return this.values().find(test);
  }

  slice(start: number, end: number = this.length): T[] {
    const place = (at: number): number =>
      at < 0 ? Math.max(0, this.length + at) : Math.min(at, this.length);
    const first = place(start);
    return Array.from({ length: Math.max(0, place(end) - first) }, (_, index) =>
      this.at(first + index),
    ).filter((row) => row !== undefined);
  }

  reduce<R>(add: (sum: R, row: T) => R, start: R): R {
    return this.values().reduce(add, start);
  }

  toJSON(): readonly T[] {
    return [...this];
  }
}

/** Rows made of those of another table. */
class Mapped<S, T> extends Table<T> {
  readonly #source: Rows<S>;
  readonly #change: (row: S, index: number) => T;

  constructor(source: Rows<S>, change: (row: S, index: number) => T) {
    super();
    this.#source = source;
    this.#change = change;
  }

  get length(): number {
    return this.#source.length;
  }

  at(index: number): T | undefined {
    const row = this.#source.at(index);
    return row === undefined ? undefined : this.#change(row, index);
  }
}

/** Some of the rows of another table, known by their indexes there. */
class Selection<T> extends Table<T> {
  readonly #source: Rows<T>;
  readonly #chosen: Uint32Array;

  constructor(source: Rows<T>, chosen: Uint32Array) {
    super();
    this.#source = source;
    this.#chosen = chosen;
  }

  get length(): number {
    return this.#chosen.length;
  }

  at(index: number): T | undefined {
    const place = this.#chosen[index];
    return place === undefined ? undefined : this.#source.at(place);
  }
}

/** Returns rows that are made of those of another table, each time they are asked for. */
export function mapRows<S, T>(source: Rows<S>, change: (row: S, index: number) => T): Table<T> {
  return new Mapped(source, change);
}

/** Returns the rows of a table that pass a test, which is made once for each. */
export function selectRows<T>(source: Rows<T>, test: (row: T, index: number) => boolean): Table<T> {
  const chosen = new Uint32Array(source.length);
  let [count, index] = [0, 0];
  for (const row of source) {
    if (test(row, index)) chosen[count++] = index;
    index += 1;
  }
  return new Selection(source, chosen.slice(0, count));
}
