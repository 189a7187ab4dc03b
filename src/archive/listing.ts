import { type Rows, Table } from '../internal/table/rows.ts';
import type { ArchiveEntry, PlacedEntry } from './entry.ts';

/** Files that are found by their paths. */
export abstract class Listing<T extends ArchiveEntry = ArchiveEntry> extends Table<T> {
  /** Returns the index of the file at a path, or -1. */
  abstract indexOfPath(path: string): number;
}

/** Files with their positions (bytes), of which each is worked out when it is asked for. */
export class PlacedEntries extends Listing<PlacedEntry> {
  readonly #files: Rows<ArchiveEntry>;
  readonly #positions: Float64Array;
  #indexes: ReadonlyMap<string, number> | undefined;

  constructor(files: Rows<ArchiveEntry>, positions: Float64Array) {
    super();
    this.#files = files;
    this.#positions = positions;
  }

  get length(): number {
    return this.#files.length;
  }

  at(index: number): PlacedEntry | undefined {
    const file = this.#files.at(index);
    const position = this.#positions[index];
    if (file === undefined || position === undefined) return undefined;
    return { path: file.path, size: file.size, position };
  }

  /** Returns the index of the entry at a path, or -1. */
  indexOfPath(path: string): number {
    if (this.#files instanceof Listing) return this.#files.indexOfPath(path);
    this.#indexes ??= new Map(this.#files.map((file, index) => [file.path, index]));
    return this.#indexes.get(path) ?? -1;
  }

  /** Returns the position of an entry by its index (bytes). */
  positionAt(index: number): number | undefined {
    return this.#positions[index];
  }

  /** Returns the index of the first entry behind a position (bytes). */
  indexBehind(position: number): number {
    let [low, high] = [0, this.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#positions[middle] ?? 0) <= position) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
