import type { PlacedEntry } from '../archive.ts';
import { PlacedEntries } from '../listing.ts';

const NONE = new PlacedEntries([], new Float64Array());

/**
 * Where entries should be, by a layout computed elsewhere, and where they were found. The former is a guess until the archive itself
 * confirms it, and is discarded as soon as a valid header contradicts it.
 */
export class ExpectedEntries {
  #entries = NONE;
  /** For each expected entry, whether its header was read. */
  #confirmed = new Uint8Array();
  /** What was found and is not among the expected. */
  readonly #found = new Map<string, PlacedEntry>();
  #size: number | undefined;

  /** Takes entries and the size of the whole archive (bytes). If files lie elsewhere, those found so far show it. */
  replace(entries: PlacedEntries, size?: number): void {
    this.forget();
    this.#entries = entries;
    this.#confirmed = new Uint8Array(entries.length);
    this.#size = size;
    const early = [...this.#found.values()];
    if (early.every((entry) => this.matching(entry) !== undefined))
      for (const entry of early) this.confirm(entry);
    else this.forget();
  }

  /** The expected size of the archive (bytes), if known. */
  get size(): number | undefined {
    return this.#size;
  }

  forget(): void {
    for (const [index, entry] of this.#entries.values().map((each, at) => [at, each] as const))
      if (this.#confirmed[index] === 1) this.#found.set(entry.path, entry);
    this.#entries = NONE;
    this.#confirmed = new Uint8Array();
    this.#size = undefined;
  }

  /** Returns the entry at a path that was found. */
  found(path: string): PlacedEntry | undefined {
    const index = this.#entries.indexOfPath(path);
    return this.#confirmed[index] === 1 ? this.#entries.at(index) : this.#found.get(path);
  }

  /** Takes an entry whose header was read. */
  confirm(entry: PlacedEntry): void {
    const index = this.#entries.indexOfPath(entry.path);
    if (this.#entries.positionAt(index) === entry.position) {
      this.#confirmed[index] = 1;
      this.#found.delete(entry.path);
    } else this.#found.set(entry.path, entry);
  }

  byPath(path: string): PlacedEntry | undefined {
    return this.#entries.at(this.#entries.indexOfPath(path));
  }

  at(position: number): PlacedEntry | undefined {
    const entry = this.#entries.at(this.#entries.indexBehind(position) - 1);
    return entry?.position === position ? entry : undefined;
  }

  /** Returns the first position after `position` at which an entry is expected (bytes). */
  after(position: number): number | undefined {
    return this.#entries.at(this.#entries.indexBehind(position))?.position;
  }

  /** Returns the expected entry if one that was found matches it. */
  matching(found: PlacedEntry): PlacedEntry | undefined {
    const expected = this.at(found.position);
    return expected?.path === found.path && expected.size === found.size ? expected : undefined;
  }
}
