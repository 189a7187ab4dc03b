import type { BigIntStats } from 'node:fs';

/** A text that stays the same as long as it is the very same file with nothing written to it. */
export type FileIdentity = string;

/** Returns the identity of a file; of a copy, or after a write, it is another. */
export function identityOf({ dev, ino, size, mtimeNs }: BigIntStats): FileIdentity {
  return `${dev}:${ino}:${size}:${mtimeNs}`;
}

/**
 * Returns the identity with the time of the last change of any kind. Whoever writes can give the time of writing back, and
 * not this one; but new rights change it too, so it is a reason to look again and not to refuse.
 */
export function stateOf(stats: BigIntStats): FileIdentity {
  return `${identityOf(stats)}:${stats.ctimeNs}`;
}
