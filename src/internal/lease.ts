export interface LeaseOptions {
  /** How many chunks the reader uses at once at most, the one that it was given last among them; 3 when left out. */
  readonly chunks?: number | undefined;
  /** Where the reader wants the chunks. */
  readonly landing?: Landing | undefined;
}

/**
 * Memory that a reader has on loan. It says what it is done with, so that the source uses it again: the sooner the less memory
 * there is, and for blobs of a few megabytes the last chunks are much of the whole.
 */
export class Lease {
  readonly chunks: number;
  readonly landing: Landing | undefined;
  readonly #lenders: Lender[] = [];

  constructor({ chunks = 3, landing }: LeaseOptions = {}) {
    this.chunks = chunks;
    this.landing = landing;
  }

  /** Adds whoever lends to this reader. */
  add(lender: Lender): void {
    this.#lenders.push(lender);
  }

  /** Says that the reader is done with every chunk that it was handed. */
  release(): void {
    for (const lender of this.#lenders) lender.release();
  }

  /** Ends the loan: the reader is done with all of it, and takes no more. */
  end(): void {
    for (const lender of this.#lenders.splice(0)) lender.end();
  }

  /** Returns a function that makes a lease for each single chunk, for a source that has others read them. */
  bySingleChunk(): () => Lease {
    const lent: Lease[] = [];
    this.add({
      release: () => undefined,
      end: () => {
        for (const each of lent.splice(0)) each.end();
      },
    });
    return () => {
      // The reader asks for the next chunk, so it is done with one of those before.
      if (lent.length === this.chunks) lent.shift()?.end();
      const next = new Lease({ chunks: 1 });
      lent.push(next);
      return next;
    };
  }
}

/** Takes memory back. */
export interface Lender {
  /** Takes back what is before the last chunk handed on: more chunks may be in the same memory. */
  release(): void;
  /** Takes back all that was handed on. */
  end(): void;
}

/**
 * Where a reader wants the next bytes of a stream: whoever receives them right there saves it a copy. It may be used by one at a time.
 * The chunks that are handed on from there follow each other without a gap, up to the end of the memory; after a chunk from elsewhere,
 * it has to be left.
 */
export interface Landing {
  /**
   * Returns the memory for the bytes behind all that the reader has been handed, and keeps it for the caller; `undefined` when there is
   * none, or somebody else has it.
   */
  enter(): Uint8Array | undefined;
  /** Returns the memory behind that which is full now; `undefined` while there is none. */
  next(): Uint8Array | undefined;
  /** Says that nothing more will be received into it. */
  leave(): void;
}
