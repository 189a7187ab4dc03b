import type { Finding } from '../internal/finding.ts';
import { requireLockPath, saveLock } from '../steps/lock-file.ts';
import { resolveSpec, type ResolveWish, type ResolvingProgress, type Upgrade } from '../steps/resolve.ts';
import type { LockChanges } from '../spec/lock/compare.ts';
import type { Ears } from '../steps/ears.ts';
import type { Surroundings } from '../steps/surroundings.ts';

export type { ResolvingProgress };

/** What to lock. */
export type LockWish = Omit<ResolveWish, 'locked' | 'dryRun'>;

/** What was locked. The counts of changes are pins, compared with the previous lock. */
export interface LockResult extends LockChanges {
  readonly path: string;
  /** With `check`: how upstream, or the spec, differs from the lock; nothing when it is up to date. */
  readonly differences?: readonly Finding[] | undefined;
  /** Number of items, as the user counts them. */
  readonly items: number;
  readonly references: number;
  readonly urls: number;
  /** The upgrade that the spec asks for with `from`. */
  readonly upgrade?: Upgrade | undefined;
  readonly findings: readonly Finding[];
}

/**
 * Resolves everything a spec asks for and writes its lock. Content is fetched only where no checksum is published.
 * Changes since the previous lock are reported by name, as warnings. A lock that has not changed is not rewritten.
 * With `check` nothing is written: the result says how the lock differs from what is there now.
 *
 * @throws what `resolveSpec` throws; `ERR_USAGE_INVALID` when there is no place for a lock; `ERR_OUTPUT_UNWRITABLE`,
 * `ERR_DISK_FULL`, `ERR_DISK_FAILED`
 */
export async function lockSpec(
  wish: LockWish,
  surroundings: Surroundings,
  ears: Ears<ResolvingProgress> = {},
): Promise<LockResult> {
  const path = await requireLockPath(wish);
  await using resolved = await resolveSpec(wish, surroundings, ears);
  const { plan, lock, warnings } = resolved;
  const { content, changes } = lock;
  const isCheck = wish.check === true;
  if (!isCheck && !lock.upToDate) await saveLock(path, content);
  return {
    path,
    differences: isCheck ? lock.differences : undefined,
    items: plan.document.items.length,
    references: content.references.size,
    urls: content.urls.size,
    upgrade: resolved.upgrade,
    ...changes,
    findings: warnings,
  };
}
