import { chown, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { systemCode } from '../internal/error.ts';

/** Who a placed file is to belong to. */
export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

const ROOT = 0;

/**
 * Returns whom files under `path` are to belong to, or `undefined` when that is nobody's choice: only root can give files
 * away. The owner of the nearest folder that exists gets them, because a program that must `chmod` its own cache (as
 * Rancher Desktop does) fails on files of root. Where that folder is root's, `invoker` gets them.
 */
export async function ownerUnder(path: string, invoker?: Owner): Promise<Owner | undefined> {
  if (process.getuid?.() !== ROOT) return undefined;
  const { uid, gid } = await nearestStat(resolve(path));
  if (uid !== ROOT) return { uid, gid };
  return invoker;
}

/** Returns the user who called `sudo`, or `undefined` when nobody did. */
export function sudoInvoker(env: Readonly<Record<string, string | undefined>>): Owner | undefined {
  const [uid, gid] = [env['SUDO_UID'], env['SUDO_GID']].map((text) => Number(text ?? 'NaN'));
  if (uid === undefined || gid === undefined) return undefined;
  return Number.isSafeInteger(uid) && Number.isSafeInteger(gid) && uid > 0 && gid >= 0
    ? { uid, gid }
    : undefined;
}

/** Gives `path` to `owner`, where there is one to give it to and the filesystem knows owners at all. */
export async function giveTo(path: string, owner: Owner | undefined): Promise<void> {
  if (owner !== undefined) await whereKnown(() => chown(path, owner.uid, owner.gid));
}

/**
 * Runs a change of owner or mode, and lets it go where the filesystem knows neither: FAT and most network filesystems have
 * none to change, and everything on them belongs to who mounted them.
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
