/** A part of a file that can be read on its own: a document, or one item of a list. */
export interface Piece {
  readonly text: string;
  /** Its first line in the file, from 1. */
  readonly line: number;
  /** Where it is in its document. */
  readonly path: readonly (string | number)[];
}

/** Ceiling (bytes) of a piece of JSON: an object of Kubernetes is at most 3 MiB. */
export const PIECE_LIMIT: number = 32 * 1024 * 1024;
