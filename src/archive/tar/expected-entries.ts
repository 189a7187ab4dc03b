import type { PlacedEntry } from '../archive.ts';

/**
 * Where entries should be, by a layout computed elsewhere. It is a guess until the archive itself confirms it, and is
 * discarded as soon as a valid header contradicts it.
 */
export class ExpectedEntries {
  #byPath = new Map<string, PlacedEntry>();
  #byPosition = new Map<number, PlacedEntry>();
  #positions: number[] = [];
  #size: number | undefined;

  /** Takes entries in archive order and the size of the whole archive (bytes). */
  replace(entries: readonly PlacedEntry[], size?: number): void {
    this.#byPath = new Map(entries.map((entry) => [entry.path, entry]));
    this.#byPosition = new Map(entries.map((entry) => [entry.position, entry]));
    this.#positions = entries.map((entry) => entry.position);
    this.#size = size;
  }

  /** The expected size of the archive (bytes), if known. */
  get size(): number | undefined {
    return this.#size;
  }

  forget(): void {
    this.replace([]);
  }

  byPath(path: string): PlacedEntry | undefined {
    return this.#byPath.get(path);
  }

  at(position: number): PlacedEntry | undefined {
    return this.#byPosition.get(position);
  }

  /** Returns the first position after `position` at which an entry is expected (bytes). */
  after(position: number): number | undefined {
    let [low, high] = [0, this.#positions.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#positions[middle] ?? 0) <= position) low = middle + 1;
      else high = middle;
    }
    return this.#positions[low];
  }

  /** Returns whether an entry that was found matches what was expected. */
  agreesWith(found: PlacedEntry): boolean {
    const expected = this.at(found.position);
    return expected?.path === found.path && expected.size === found.size;
  }
}
