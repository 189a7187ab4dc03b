import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { dirname } from 'node:path';
import { diskError } from '../disk/errno.ts';
import { save } from '../disk/save.ts';
import { statOf } from '../disk/stat.ts';
import { SaddlebagError } from '../internal/error.ts';
import type { WaitOptions } from '../oci/roles.ts';
import { encodeLock } from '../spec/lock/encode.ts';
import type { Lock, LockSection } from '../spec/lock/lock.ts';
import { lockPathFor, readLock } from '../spec/lock/read.ts';

/** How to treat the lock of a spec. */
export interface LockFileWish {
  readonly specPath: string;
  /** Path of the lock; next to the spec when left out. */
  readonly lockPath?: string | undefined;
  /** Takes every answer from the lock and leaves the lock as it is. */
  readonly locked?: boolean | undefined;
  /** Only compares: the lock has to be there, and is left as it is. */
  readonly check?: boolean | undefined;
  /** Reports what would be done; writes nothing and fetches no content. */
  readonly dryRun?: boolean | undefined;
}

/** The lock of a spec, as it is before resolving. */
export interface LockFile {
  /** Left out for a spec that is not a file, such as a pipe: a lock cannot lie next to it. */
  readonly path?: string | undefined;
  readonly content?: Lock | undefined;
}

/**
 * Returns the lock of the spec called `name`. It may be missing if it is going to be written.
 *
 * @throws `ERR_LOCK_INVALID`; `ERR_OUTPUT_UNWRITABLE` when it could not be written later; `ERR_USAGE_INVALID`
 */
export async function openLock(
  name: string,
  wish: LockFileWish,
  { sections, signal }: WaitOptions & { readonly sections: readonly LockSection[] },
): Promise<LockFile> {
  const { locked = false, check = false, dryRun = false } = wish;
  const path = locked || check ? await requireLockPath(wish) : await lockPathOf(wish);
  if (path === undefined) return {};
  const content = await readLock(path, { name, sections, signal });
  if (content === undefined && (locked || check)) throw missing(path, wish);
  if (!locked && !check && !dryRun) await requireWritable(path);
  return content === undefined ? { path } : { path, content };
}

/**
 * Writes a lock, whole or not at all.
 *
 * @throws `ERR_OUTPUT_UNWRITABLE`, `ERR_DISK_FULL`, `ERR_DISK_FAILED`
 */
export async function saveLock(path: string, lock: Lock): Promise<void> {
  await save(path, encodeLock(lock));
}

/** Returns where the lock of a spec is. @throws `ERR_USAGE_INVALID` when there is no place for one */
export async function requireLockPath(wish: LockFileWish): Promise<string> {
  const path = await lockPathOf(wish);
  if (path !== undefined) return path;
  throw new SaddlebagError(
    'ERR_USAGE_INVALID',
    `Cannot find a place for the lock: ${JSON.stringify(wish.specPath)} is not a regular file`,
    { hint: 'Name one with --lock FILE.' },
  );
}

/** Returns the hint for a lock that does not match the spec. */
export function renewHint({ specPath, lockPath }: LockFileWish): string {
  return `Run: bundle lock ${specPath}${lockPath === undefined ? '' : ` --lock ${lockPath}`}`;
}

/** Resolving takes minutes, so report early what can be known early. */
async function requireWritable(path: string): Promise<void> {
  const folder = dirname(path);
  try {
    await access(folder, constants.W_OK | constants.X_OK);
  } catch (cause) {
    const { code, message } = diskError('write lock in folder', folder, cause);
    throw new SaddlebagError(code, message, {
      hint: 'Name another place with --lock FILE, or use a lock that is there with --locked.',
      cause,
    });
  }
}

async function lockPathOf({ specPath, lockPath }: LockFileWish): Promise<string | undefined> {
  if (lockPath !== undefined) return lockPath;
  return (await isFile(specPath)) ? lockPathFor(specPath) : undefined;
}

/** When the spec cannot be examined, reading it reports why. */
async function isFile(path: string): Promise<boolean> {
  return (await statOf(path).catch(() => undefined))?.isFile() ?? true;
}

function missing(path: string, wish: LockFileWish): SaddlebagError {
  return new SaddlebagError('ERR_LOCK_INVALID', `Cannot read lock "${path}": there is no such file`, {
    hint: renewHint(wish),
  });
}
