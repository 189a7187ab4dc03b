import { chown, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { systemCode } from '../internal/error.ts';

/** The owner of a file. */
export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

const ROOT = 0;

/**
 * Returns the owner for files under `path`, or `undefined` when we cannot choose one: only root can give files away. It
 * is the owner of the nearest existing folder, because a program that must `chmod` its own cache (as Rancher Desktop
 * does) fails on files that root owns. If root owns that folder, it is `invoker`.
 */
export async function ownerUnder(path: string, invoker?: Owner): Promise<Owner | undefined> {
  if (process.getuid?.() !== ROOT) return undefined;
  const { uid, gid } = await nearestStat(resolve(path));
  if (uid !== ROOT) return { uid, gid };
  return invoker;
}

/** Returns the user who called `sudo`, or `undefined` without `sudo`. */
export function sudoInvoker(env: Readonly<Record<string, string | undefined>>): Owner | undefined {
  const [uid, gid] = [env['SUDO_UID'], env['SUDO_GID']].map((text) => Number(text ?? 'NaN'));
  if (uid === undefined || gid === undefined) return undefined;
  return Number.isSafeInteger(uid) && Number.isSafeInteger(gid) && uid > 0 && gid >= 0
    ? { uid, gid }
    : undefined;
}

/** Gives `path` to `owner`, if there is one and the filesystem supports owners. */
export async function giveTo(path: string, owner: Owner | undefined): Promise<void> {
  if (owner !== undefined) await whereKnown(() => chown(path, owner.uid, owner.gid));
}

/**
 * Changes an owner or mode, and ignores the failure on a filesystem that supports neither: on FAT and most network
 * filesystems everything belongs to the user who mounted them.
 */
export async function whereKnown(change: () => Promise<void>): Promise<void> {
  try {
    await change();
  } catch (error) {
    if (!['EPERM', 'ENOSYS', 'ENOTSUP', 'EINVAL'].includes(systemCode(error) ?? '')) throw error;
  }
}

async function nearestStat(path: string): Promise<Owner> {
  for (let folder = path; ; folder = dirname(folder)) {
    try {
      return await stat(folder);
    } catch (error) {
      if (systemCode(error) !== 'ENOENT' || dirname(folder) === folder) throw error;
    }
  }
}
