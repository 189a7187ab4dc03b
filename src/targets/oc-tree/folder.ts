import { link, mkdir, readdir, rm, rmdir, symlink } from 'node:fs/promises';
import { basename, dirname, join, relative, sep } from 'node:path';
import { attempt } from '../../disk/errno.ts';
import { writeNew } from '../../disk/place.ts';
import { statOf } from '../../disk/stat.ts';
import { SaddlebagError, systemCode } from '../../internal/error.ts';
import { quote } from '../../internal/quote.ts';

/**
 * Makes sure, before anything is written, that a tree can take the place of what is at `path`: nothing, an empty folder, or a
 * tree of the same images, perhaps an incomplete one. `paths` are those of the new tree, relative to it.
 *
 * @throws `ERR_OUTPUT_UNWRITABLE`
 */
export async function requireFree(path: string, paths: ReadonlySet<string>): Promise<void> {
  if (['', '.', '..'].includes(basename(path))) throw unwritable(path, 'a folder with a name is needed');
  const around = await statOf(dirname(path));
  if (around?.isDirectory() !== true) throw unwritable(path, `there is no folder "${dirname(path)}"`);
  const existing = await statOf(path, { follow: false });
  if (existing === undefined) return;
  if (!existing.isDirectory()) throw unwritable(path, 'it is there already, and it is not a folder');
  if (existing.dev !== around.dev)
    throw unwritable(path, 'it is a whole disk, and a folder on it is needed', 'Give a folder on it.');
  const foreign = (await leavesOf(path)).find((leaf) => !paths.has(leaf));
  if (foreign !== undefined)
    throw unwritable(path, `it holds ${quote(foreign)}, which is not part of the new tree`);
}

/** What systems answer where a name cannot have a colon, or where there are no links, or this user may make none. */
const LINKLESS: readonly string[] = [
  'EINVAL',
  'EPERM',
  'ENOSYS',
  'ENOTSUP',
  'EOPNOTSUPP',
  'ENOENT',
  'EMLINK',
];

/**
 * Makes sure that the filesystem at `path` has what a tree is made of: names with a colon, except on Windows, hard links, and
 * symbolic links, without which `oc` finds no tag.
 *
 * @throws `ERR_OUTPUT_UNWRITABLE`
 */
export async function requireLinks(
  path: string,
  { isWindows }: { readonly isWindows: boolean },
): Promise<void> {
  const probe = `${path}.partial.probe`;
  const file = join(probe, isWindows ? 'sha256-0' : 'sha256:0');
  await attempt('write', path, async () => {
    await rm(probe, { recursive: true, force: true });
    await mkdir(probe);
    try {
      await writeNew(file, '');
      await link(file, join(probe, 'hard'));
      await symlink(basename(file), join(probe, 'soft'));
    } catch (cause) {
      throw LINKLESS.includes(systemCode(cause) ?? '') ? noLinks(path, { isWindows, cause }) : cause;
    } finally {
      await rm(probe, { recursive: true, force: true });
    }
  });
}

/**
 * Removes from a folder that a stopped run left what is not in `wanted`: paths, and the size of each (bytes). What stays is not
 * verified.
 */
export async function keepOnly(folder: string, wanted: ReadonlyMap<string, number>): Promise<void> {
  await attempt('clear', folder, async () => {
    const found = await statOf(folder, { follow: false });
    if (found === undefined) return;
    if (!found.isDirectory()) return await rm(folder);
    for (const leaf of await leavesOf(folder)) {
      const file = join(folder, ...leaf.split('/'));
      const { size } = (await statOf(file, { follow: false })) ?? {};
      if (size === undefined || wanted.get(leaf) !== size) await rm(file, { force: true });
    }
    await dropEmpty(folder);
  });
}

/** An empty folder may have the name of a file that is to come. */
async function dropEmpty(folder: string): Promise<void> {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (!entry.isDirectory()) continue;
    const inner = join(folder, entry.name);
    await dropEmpty(inner);
    if ((await readdir(inner)).length === 0) await rmdir(inner);
  }
}

/** Returns the path of everything in a folder that is no folder, links too, with slashes. */
async function leavesOf(folder: string): Promise<readonly string[]> {
  const entries = await attempt(
    'list',
    folder,
    async () => await readdir(folder, { recursive: true, withFileTypes: true }),
  );
  return entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/'));
}

function unwritable(
  path: string,
  fact: string,
  hint = 'Choose a name that is not in use, in a folder that exists.',
): SaddlebagError {
  return new SaddlebagError('ERR_OUTPUT_UNWRITABLE', `Cannot write "${path}": ${fact}`, { hint });
}

function noLinks(
  path: string,
  { isWindows, cause }: { readonly isWindows: boolean; readonly cause: unknown },
): SaddlebagError {
  return new SaddlebagError(
    'ERR_OUTPUT_UNWRITABLE',
    isWindows
      ? `Cannot write "${path}": this user may not make symbolic links there, and oc reads tags from nothing else`
      : `Cannot write "${path}": its filesystem lacks links or names with ":", and oc reads nothing else`,
    {
      hint: isWindows
        ? 'Turn on developer mode, and choose a folder on a disk with NTFS.'
        : 'Choose a folder on another filesystem. A stick with FAT or exFAT carries the bundle itself.',
      cause,
    },
  );
}
