import { Table } from '../../../internal/table/rows.ts';
import type { Descriptor } from '../../../oci/descriptor.ts';
import type { Origin, PlannedBlob } from '../item.ts';
import { hasDetails } from './few.ts';
import { BlobTable } from './table.ts';

/** Numbers kept for each blob: of its type and of its origin. */
const WIDTH = 2;

/** The blobs of a plan, each once, in the order of the bundle: some 70 bytes for each, besides where it comes from. */
export class PlannedBlobs extends Table<PlannedBlob> {
  /** The same without what they are and where they come from. */
  readonly refs: BlobTable = new BlobTable();
  readonly #types: string[] = [];
  readonly #origins: Origin[] = [];
  #numbers = new Uint32Array(WIDTH * 16);
  /** Descriptors that say more than type, digest and size. */
  readonly #detailed = new Map<number, Descriptor>();

  /** Returns a table of some blobs. Of one that is there twice, the first counts. */
  static of(blobs: Iterable<PlannedBlob>): PlannedBlobs {
    if (blobs instanceof PlannedBlobs) return blobs;
    const table = new PlannedBlobs();
    const types = new Numbers(table.#types);
    const origins = new Numbers(table.#origins);
    for (const { descriptor, origin } of blobs) {
      const index = table.length;
      if (!table.refs.add(descriptor)) continue;
      table.#put(index, types.of(descriptor.mediaType), origins.of(origin));
      if (hasDetails(descriptor)) table.#detailed.set(index, descriptor);
    }
    return table;
  }

  get length(): number {
    return this.refs.length;
  }

  at(index: number): PlannedBlob | undefined {
    const ref = this.refs.at(index);
    const [type = 0, from = 0] = this.#numbers.subarray(WIDTH * index, WIDTH * (index + 1));
    const [mediaType, origin] = [this.#types[type], this.#origins[from]];
    if (ref === undefined || mediaType === undefined || origin === undefined) return undefined;
    return { descriptor: this.#detailed.get(index) ?? { mediaType, ...ref }, origin };
  }

  #put(index: number, type: number, origin: number): void {
    if (WIDTH * index === this.#numbers.length) {
      const numbers = new Uint32Array(2 * this.#numbers.length);
      numbers.set(this.#numbers);
      this.#numbers = numbers;
    }
    this.#numbers.set([type, origin], WIDTH * index);
  }
}

/** Gives each value the number of its place in a list. */
class Numbers<T> {
  readonly #list: T[];
  readonly #known = new Map<T, number>();

  constructor(list: T[]) {
    this.#list = list;
  }

  of(value: T): number {
    const known = this.#known.get(value);
    if (known !== undefined) return known;
    this.#known.set(value, this.#list.length);
    return this.#list.push(value) - 1;
  }
}
