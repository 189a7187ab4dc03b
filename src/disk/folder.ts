import { constants } from 'node:fs';
import { access, chmod, mkdir, open, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { SaddlebagError, systemCode } from '../internal/error.ts';
import { giveTo, type Owner, whereKnown } from './owner.ts';
import { atTarget } from './errno.ts';

/** How folders are made. */
export interface FolderOptions {
  /** Mode of each folder that is created; `0o755` when left out. */
  readonly mode?: number | undefined;
  readonly owner?: Owner | undefined;
}

/**
 * Creates a folder and its missing parents with the given mode and owner, and returns once they would survive a power
 * cut. Returns the folders it created, outermost first.
 *
 * @throws `ERR_OUTPUT_UNWRITABLE`, `ERR_DISK_FULL`, `ERR_DISK_FAILED`; `ERR_TARGET_REFUSED` when something is in the way
 */
export async function makeFolder(path: string, options: FolderOptions = {}): Promise<readonly string[]> {
  return await atTarget('make folder', path, async () => {
    const missing = await missingFolders(resolve(path));
    for (const folder of missing) {
      await makeOne(folder, options);
    }
    return missing;
  });
}

async function makeOne(folder: string, { mode = 0o755, owner }: FolderOptions): Promise<void> {
  try {
    await mkdir(folder, { mode });
  } catch (error) {
    // Another process was faster.
    if (systemCode(error) === 'EEXIST') return;
    throw error;
  }
  await setMode(folder, mode);
  await giveTo(folder, owner);
  await syncFolder(folder);
  await syncFolder(dirname(folder));
}

/** The umask may take away bits that the reader of the folder needs. Inherited bits, such as setgid, stay. */
async function setMode(folder: string, mode: number): Promise<void> {
  const found = (await stat(folder)).mode;
  if (process.platform === 'win32' || (found & 0o777) === mode) return;
  await whereKnown(() => chmod(folder, (found & 0o7000) | mode));
}

/**
 * Makes sure that files can be written under `path`, without changing anything.
 *
 * @throws `ERR_OUTPUT_UNWRITABLE`, `ERR_TARGET_REFUSED` when something else is in the way
 */
export async function requireWritable(path: string): Promise<void> {
  await atTarget('write to', path, async () => {
    const folder = await nearestFolder(path);
    await access(folder, constants.W_OK | constants.X_OK);
  });
}

/**
 * Returns `path`, or the nearest folder above it that exists.
 *
 * @throws `ERR_TARGET_REFUSED` when something that is not a folder is in the way
 */
export async function nearestFolder(path: string): Promise<string> {
  const missing = await missingFolders(resolve(path));
  return missing[0] === undefined ? resolve(path) : dirname(missing[0]);
}

/**
 * What systems answer when they cannot sync a folder: Windows does not open folders, and shared folders and network
 * filesystems may lack the call. There, names are as durable as that filesystem makes them.
 */
const UNSYNCABLE = new Set([
  'EACCES',
  'EBADF',
  'EINVAL',
  'EISDIR',
  'ENOSYS',
  'ENOTSUP',
  'EOPNOTSUPP',
  'EPERM',
]);

/** Returns once the names in a folder would survive a power cut. Throws system errors as they are. */
export async function syncFolder(path: string): Promise<void> {
  try {
    await using handle = await open(path, 'r');
    await handle.sync();
  } catch (error) {
    if (!UNSYNCABLE.has(systemCode(error) ?? '')) throw error;
  }
}

/**
 * Returns the folders that must be created for the folder `path` to exist, outermost first.
 *
 * @throws `ERR_TARGET_REFUSED` when something that is not a folder is in the way
 */
export async function missingFolders(path: string): Promise<string[]> {
  const missing: string[] = [];
  for (let folder = path; !(await isFolder(folder)); folder = dirname(folder)) missing.unshift(folder);
  return missing;
}

async function isFolder(path: string): Promise<boolean> {
  try {
    if ((await stat(path)).isDirectory()) return true;
  } catch (error) {
    // Without this check, the root of a missing drive would make us climb forever.
    if (systemCode(error) === 'ENOENT' && dirname(path) !== path) return false;
    throw error;
  }
  throw new SaddlebagError(
    'ERR_TARGET_REFUSED',
    `Cannot write under ${JSON.stringify(path)}: it is not a folder`,
    { hint: 'Move it aside, or choose another directory.' },
  );
}
