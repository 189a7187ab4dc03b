import { readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { attempt } from '../../disk/errno.ts';
import { parseVolumeName, volumeName, volumeSumsName } from '../../archive/volumes/volumes.ts';
import type { HeldPath } from '../../disk/sharing/held-path.ts';
import { SaddlebagError, systemCode } from '../../internal/error.ts';
import { finalPath, journalPath, type OutputLayout, partialPath } from './layout.ts';
import { syncFolder } from '../../disk/folder.ts';
import { statOf } from '../../disk/stat.ts';
import { swapFolder } from '../../disk/swap-folder.ts';

/**
 * Gives a complete output its final name, safe from a power cut; then removes what is left over. It can be repeated after
 * an interruption at any point. `grown` is what this process has written: nothing else gets the name.
 *
 * @throws `ERR_OUTPUT_UNWRITABLE`, also when another process put something else in its place; `ERR_DISK_FAILED`
 */
export async function completeOutput(output: OutputLayout, grown?: HeldPath): Promise<void> {
  const { kind, path, partial } = output;
  await attempt('complete', path, async () => {
    if (grown !== undefined) await requireOurs(output, grown);
    if (kind === 'folder') await swapFolder(partial, path, { aside: replacedPath(path) });
    else if (kind === 'file') await renameExisting(partial, path);
    else await moveVolumes(output);
    if (grown !== undefined && kind !== 'volumes') await requireAt(path, grown);
    await syncFolder(dirname(path));
    await rm(journalPath(path), { force: true });
  });
}

/**
 * Makes sure that what grew is where it grew. A claim keeps others away, unless someone deletes it.
 *
 * @throws `ERR_OUTPUT_UNWRITABLE` when another process has replaced it
 */
export async function requireOurs({ partial }: OutputLayout, grown: HeldPath): Promise<void> {
  await requireAt(partial, grown);
}

async function requireAt(path: string, grown: HeldPath): Promise<void> {
  if (await grown.isAt(path)) return;
  throw new SaddlebagError(
    'ERR_OUTPUT_UNWRITABLE',
    `Cannot complete "${path}": another process has put something else in its place`,
    {
      hint: 'Two builds wrote to the same place. Let the other one finish, or choose another name, and build again.',
    },
  );
}

/** Returns whether every file of an output has its full size, in its partial or its final place. */
export async function isWhole(output: OutputLayout): Promise<boolean> {
  for (const { file, size } of output.volumes) {
    const stats = (await statOf(file)) ?? (await statOf(finalPath(output, file)));
    if (stats?.size !== size) return false;
  }
  return true;
}

/** Returns where an older folder is while the new one takes its place. */
function replacedPath(path: string): string {
  return `${partialPath(path)}.replaced`;
}

/**
 * Moves the volumes out of the folder they grew in, the first one last: a set without its first volume is not opened, so
 * that half an old and half a new set never pass for a whole one.
 */
async function moveVolumes(output: OutputLayout): Promise<void> {
  const { path, partial, volumes } = output;
  if ((await statOf(partial)) === undefined) return;
  const first = join(partial, basename(volumeName(path, 1)));
  if ((await statOf(first)) !== undefined) await rm(volumeName(path, 1), { force: true });
  await removeSurplus(path, volumes.length);
  const sums = join(partial, basename(volumeSumsName(path)));
  for (const file of [sums, ...volumes.map((volume) => volume.file).toReversed()]) {
    // Before the first volume makes the others count.
    if (file === first) await syncFolder(dirname(path));
    await renameExisting(file, finalPath(output, file));
  }
  await rm(partial, { recursive: true, force: true });
}

/** Volumes of an older and longer set would be mistaken for volumes of the new one. */
async function removeSurplus(path: string, count: number): Promise<void> {
  const folder = dirname(path);
  for (const name of await readdir(folder)) {
    const volume = parseVolumeName(name);
    if (volume?.base === basename(path) && volume.number > count) await rm(join(folder, name));
  }
}

async function renameExisting(from: string, to: string): Promise<void> {
  try {
    await rename(from, to);
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw error;
  }
}
