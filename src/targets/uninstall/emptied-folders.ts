import { rmdir } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { atTarget } from '../../disk/errno.ts';
import { withinRoot } from '../../disk/root.ts';
import { systemCode } from '../../internal/error.ts';
import { isWithin } from '../../disk/within.ts';

/**
 * Removes `folder` and its parents while they are empty, but none of `floors` and no folder that contains one of them.
 */
export async function removeEmptied(folder: string, floors: readonly string[]): Promise<void> {
  for (let each = resolve(folder); !floors.some((floor) => isWithin(each, floor)); each = dirname(each)) {
    if (!(await removeEmpty(each))) return;
  }
}

/**
 * Removes the empty folders among these and returns the others. A folder unrelated to every place is never touched,
 * whatever the receipt says, nor is one that contains the user's home.
 */
export async function takeBackFolders(
  folders: readonly string[],
  options: {
    readonly places: readonly { readonly place: string; readonly isRoot: boolean }[];
    readonly home: string;
  },
): Promise<readonly string[]> {
  const { places, home } = options;
  const left: string[] = [];
  // Subfolders go before their parents.
  for (const folder of folders.toSorted((a, b) => b.length - a.length)) {
    const at = places.find(({ place }) => isWithin(place, folder) || isWithin(folder, place));
    if (at === undefined || isWithin(folder, home)) continue;
    const isBelowRoot = at.isRoot && isWithin(at.place, folder);
    const real = isBelowRoot ? await withinRoot(at.place, folder) : folder;
    if (!(await removeEmpty(real))) left.push(folder);
  }
  return left;
}

/** Returns whether the folder is gone. */
async function removeEmpty(folder: string): Promise<boolean> {
  return await atTarget('remove folder', folder, async () => {
    try {
      await rmdir(folder);
      return true;
    } catch (error) {
      const code = systemCode(error) ?? '';
      if (code === 'ENOENT') return true;
      // A link in place of a folder is not ours.
      if (['ENOTEMPTY', 'EEXIST', 'ENOTDIR', 'EBUSY'].includes(code)) return false;
      throw error;
    }
  });
}
