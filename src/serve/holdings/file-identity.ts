import type { BigIntStats } from 'node:fs';

/** A string that stays the same as long as the file is neither replaced nor written to. */
export type FileIdentity = string;

/** Returns the identity of a file; a copy or a write gives another. */
export function identityOf({ dev, ino, size, mtimeNs }: BigIntStats): FileIdentity {
  return `${dev}:${ino}:${size}:${mtimeNs}`;
}

/**
 * Returns the identity including the ctime. A writer can restore the mtime but not the ctime. A change of permissions also
 * alters it, so a difference is a reason to verify again, not to refuse.
 */
export function stateOf(stats: BigIntStats): FileIdentity {
  return `${identityOf(stats)}:${stats.ctimeNs}`;
}
