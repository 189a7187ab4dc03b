import type { KeyObject } from 'node:crypto';

/** Trusted keys; a signature by any one of them is enough. Several keys allow a change from an old key to a new one. */
export interface Trust {
  readonly keys: readonly KeyObject[];
  /** Where the keys were read from, for messages: a path, or the name of a variable. */
  readonly from: string;
}
