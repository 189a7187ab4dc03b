/**
 * Memory that a reader has on loan. It says what it is done with, so that the source uses it again: the sooner the less memory
 * there is, and for blobs of a few megabytes the last chunks are much of the whole.
 */
export class Lease {
  readonly #lenders: Lender[] = [];

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
}

/** Takes memory back. */
export interface Lender {
  /** Takes back what is before the last chunk handed on: more chunks may be in the same memory. */
  release(): void;
  /** Takes back all that was handed on. */
  end(): void;
}
