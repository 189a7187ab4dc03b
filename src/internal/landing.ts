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
