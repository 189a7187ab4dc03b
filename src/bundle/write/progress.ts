import type { PlannedBlob } from '../format/item.ts';

/** Progress of a bundle. Sizes of blobs, in bytes; `fetchedBytes` and `reusedBytes` grow to `totalBytes` together. */
export interface Progress {
  /** Came from a source in this run. */
  readonly fetchedBytes: number;
  /** Were in place from an earlier run, or came from a local bundle. */
  readonly reusedBytes: number;
  readonly totalBytes: number;
  readonly doneBlobs: number;
  readonly totalBlobs: number;
  /** Progress of the parity file, once all blobs are there: how much of the bundle was read (bytes). */
  readonly parity?: { readonly bytesDone: number; readonly bytesTotal: number } | undefined;
}

/** Counts, and reports at each write of about a megabyte and whenever a blob is complete. */
export class Tally {
  #progress: Progress;
  readonly #onProgress: ((progress: Progress) => void) | undefined;

  constructor(blobs: readonly PlannedBlob[], onProgress?: (progress: Progress) => void) {
    this.#onProgress = onProgress;
    this.#progress = {
      fetchedBytes: 0,
      reusedBytes: 0,
      totalBytes: blobs.reduce((sum, { descriptor }) => sum + descriptor.size, 0),
      doneBlobs: 0,
      totalBlobs: blobs.length,
    };
  }

  get progress(): Progress {
    return this.#progress;
  }

  /** Adds bytes that are in place now; a negative count takes back what turned out to be wrong. */
  add(kind: 'fetched' | 'reused', count: number): void {
    const { fetchedBytes, reusedBytes } = this.#progress;
    this.#change(
      kind === 'fetched' ? { fetchedBytes: fetchedBytes + count } : { reusedBytes: reusedBytes + count },
    );
  }

  /** Counts a complete blob. */
  finish(): void {
    this.#change({ doneBlobs: this.#progress.doneBlobs + 1 });
  }

  /** Counts everything as reused. */
  finishAll(): void {
    const { totalBytes, totalBlobs } = this.#progress;
    this.#change({ reusedBytes: totalBytes, doneBlobs: totalBlobs });
  }

  /** Takes the progress of the parity file. */
  parity(parity: NonNullable<Progress['parity']>): void {
    this.#change({ parity });
  }

  /** Goes back to an earlier state: what was counted since then is done again. */
  reset(progress: Progress): void {
    this.#change(progress);
  }

  #change(news: Partial<Progress>): void {
    this.#progress = { ...this.#progress, ...news };
    this.#onProgress?.(this.#progress);
  }
}
