import type { Rows } from '../../internal/table/rows.ts';
import type { PlannedBlob } from '../format/item.ts';
import { nameOfOrigin } from './origin-name.ts';

/** Progress of a bundle. Sizes of blobs, in bytes; `fetchedBytes` and `reusedBytes` grow to `totalBytes` together. */
export interface Progress {
  /** Came from a source in this run. */
  readonly fetchedBytes: number;
  /** Were in place from an earlier run, or came from a local bundle. */
  readonly reusedBytes: number;
  readonly totalBytes: number;
  readonly doneBlobs: number;
  readonly totalBlobs: number;
  /** The origins that blobs are coming from right now, the largest first. */
  readonly underWay: readonly OriginUnderWay[];
  /** Progress of the parity file, once all blobs are there: how much of the bundle was read (bytes). */
  readonly parity?: { readonly bytesDone: number; readonly bytesTotal: number } | undefined;
}

/** Blobs of one origin that are under way. */
export interface OriginUnderWay {
  /** An image, or an address without its secrets. */
  readonly name: string;
  /** Bytes done. */
  readonly bytes: number;
  readonly totalBytes: number;
}

/** Counts the bytes of one blob. */
export interface BlobTally {
  /** Adds bytes that are in place now; a negative count takes back what turned out to be wrong. */
  add(kind: 'fetched' | 'reused', count: number): void;
  /** Counts the blob as complete. */
  finish(): void;
  /** Ends its counting, complete or not. */
  end(): void;
}

/** Counts, and reports at each write of about a megabyte before the last of a blob, and whenever a blob is complete. */
export class Tally {
  #progress: Progress;
  readonly #onProgress: ((progress: Progress) => void) | undefined;
  readonly #open = new Map<PlannedBlob, OriginUnderWay>();
  #isTogether = false;

  constructor(blobs: Rows<PlannedBlob>, onProgress?: (progress: Progress) => void) {
    this.#onProgress = onProgress;
    this.#progress = {
      fetchedBytes: 0,
      reusedBytes: 0,
      totalBytes: blobs.reduce((sum, { descriptor }) => sum + descriptor.size, 0),
      doneBlobs: 0,
      totalBlobs: blobs.length,
      underWay: [],
    };
  }

  get progress(): Progress {
    return this.#progress;
  }

  /** Begins to count a blob. */
  begin(blob: PlannedBlob): BlobTally {
    const { origin, descriptor } = blob;
    // What is on this machine says nothing that a user waits for.
    const isNamed = origin.type === 'url' || origin.type === 'registry' || origin.type === 'file';
    const name = nameOfOrigin(origin);
    let bytes = 0;
    const show = (): void => {
      if (isNamed) this.#open.set(blob, { name, bytes, totalBytes: descriptor.size });
    };
    const end = (): void => void this.#open.delete(blob);
    show();
    return {
      add: (kind, count) => {
        bytes += count;
        show();
        const { fetchedBytes, reusedBytes } = this.#progress;
        const news =
          kind === 'fetched' ? { fetchedBytes: fetchedBytes + count } : { reusedBytes: reusedBytes + count };
        // The last bytes are told of together with the blob.
        this.#change(news, { isTold: bytes < descriptor.size });
      },
      finish: () => {
        end();
        this.#change({ doneBlobs: this.#progress.doneBlobs + 1 });
      },
      end,
    };
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

  /** Counts blobs that ended together: what is still under way is worked out once for all of them. */
  together(work: () => void): void {
    this.#progress = { ...this.#progress, underWay: this.#originsUnderWay() };
    this.#isTogether = true;
    try {
      work();
    } finally {
      this.#isTogether = false;
    }
  }

  /** Goes back to an earlier state: what was counted since then is done again. */
  reset(progress: Progress): void {
    this.#open.clear();
    this.#change(progress);
  }

  #change(news: Partial<Progress>, { isTold = true }: { readonly isTold?: boolean } = {}): void {
    const underWay = isTold && !this.#isTogether ? this.#originsUnderWay() : this.#progress.underWay;
    this.#progress = { ...this.#progress, ...news, underWay };
    if (isTold) this.#onProgress?.(this.#progress);
  }

  /** The layers of an image have one origin. */
  #originsUnderWay(): readonly OriginUnderWay[] {
    const origins = new Map<string, OriginUnderWay>();
    for (const blob of this.#open.values()) {
      const origin = origins.get(blob.name);
      origins.set(blob.name, origin === undefined ? blob : sumOf(origin, blob));
    }
    return [...origins.values()].sort((one, other) => other.totalBytes - one.totalBytes);
  }
}

function sumOf(one: OriginUnderWay, other: OriginUnderWay): OriginUnderWay {
  return {
    name: one.name,
    bytes: one.bytes + other.bytes,
    totalBytes: one.totalBytes + other.totalBytes,
  };
}
