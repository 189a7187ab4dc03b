import type { PlacedEntry } from '../archive.ts';

/**
 * Where entries should be, by a layout computed elsewhere. It is a guess until the archive itself confirms it, and is
 * discarded as soon as a valid header contradicts it.
 */
export class ExpectedEntries {
  /** In archive order. */
  #entries: readonly PlacedEntry[] = [];
  #byPath = new Map<string, PlacedEntry>();
  #size: number | undefined;

  /** Takes entries in archive order and the size of the whole archive (bytes). */
  replace(entries: readonly PlacedEntry[], size?: number): void {
    this.#entries = entries;
    this.#byPath = new Map(entries.map((entry) => [entry.path, entry]));
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
    const entry = this.#entries[this.#indexBehind(position) - 1];
    return entry?.position === position ? entry : undefined;
  }

  /** Returns the first position after `position` at which an entry is expected (bytes). */
  after(position: number): number | undefined {
    return this.#entries[this.#indexBehind(position)]?.position;
  }

  /**
   * Returns the expected entry if one that was found matches it. Whoever keeps that one keeps each path once, however often the
   * archive is walked.
   */
  matching(found: PlacedEntry): PlacedEntry | undefined {
    const expected = this.at(found.position);
    return expected?.path === found.path && expected.size === found.size ? expected : undefined;
  }

  /** Returns the index of the first entry after `position`. */
  #indexBehind(position: number): number {
    let [low, high] = [0, this.#entries.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#entries[middle]?.position ?? 0) <= position) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
