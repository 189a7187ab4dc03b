import type { KeyObject } from 'node:crypto';

/** Keys of which any may have signed a bundle: of one who signs, or of an old and a new one while they change. */
export interface Trust {
  readonly keys: readonly KeyObject[];
  /** What they were read from, for messages: a path, or the name of a variable. */
  readonly from: string;
}
