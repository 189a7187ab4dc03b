import { rmdir } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { systemCode } from '../../internal/error.ts';
import { atTarget } from '../../disk/errno.ts';
import { isWithin } from './places.ts';

/** Removes `folder` and those above it as long as they are empty, none of `floors` and nothing that holds one of them. */
export async function removeEmptied(folder: string, floors: readonly string[]): Promise<void> {
  for (let each = resolve(folder); !floors.some((floor) => isWithin(each, floor)); each = dirname(each)) {
    if (!(await atTarget('remove folder', each, async () => await isGone(each)))) return;
  }
}

async function isGone(folder: string): Promise<boolean> {
  try {
    await rmdir(folder);
    return true;
  } catch (error) {
    const code = systemCode(error) ?? '';
    if (code === 'ENOENT') return true;
    // A link where a folder was is not ours.
    if (['ENOTEMPTY', 'EEXIST', 'ENOTDIR'].includes(code)) return false;
    throw error;
  }
}
