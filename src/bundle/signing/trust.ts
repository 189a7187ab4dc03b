import type { KeyObject } from 'node:crypto';

/**
 * Trusted keys; a signature by any one of them is enough, unless more are `needed`. Several keys allow a change from an old key
 * to a new one, and two pairs of eyes.
 */
export interface Trust {
  readonly keys: readonly KeyObject[];
  /** How many different ones of them must have signed; one when left out. */
  readonly needed?: number | undefined;
  /** Where the keys were read from, for messages: a path, or the name of a variable. */
  readonly from: string;
}
