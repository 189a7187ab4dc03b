/**
 * Memory that a reader has on loan. It says when it is done with all of it, so that the source may use the memory of the last
 * chunks too: for blobs of a few megabytes, these are much of the whole.
 */
export class Lease {
  #takers: (() => void)[] = [];

  /** Calls `take` when the reader is done. */
  onEnd(take: () => void): void {
    this.#takers.push(take);
  }

  /** Ends the loan: the reader uses none of the memory any more. */
  end(): void {
    const takers = this.#takers;
    this.#takers = [];
    for (const take of takers) take();
  }
}
