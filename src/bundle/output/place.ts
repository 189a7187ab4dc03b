import { constants, type Stats } from 'node:fs';
import { access, readdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { diskError } from '../../disk/errno.ts';
import { openDirectory } from '../../archive/folder/reader.ts';
import { quote } from '../../internal/quote.ts';
import { parseVolumeName, volumeName } from '../../archive/volumes/volumes.ts';
import { isSaddlebagError, SaddlebagError } from '../../internal/error.ts';
import { LAYOUT } from '../format/layout.ts';
import { parityPath } from '../../parity/place.ts';
import { readBundle } from '../open.ts';
import { noParityForFolders } from '../parity/make.ts';
import type { Shape } from '../shape.ts';
import { statOf } from '../../disk/stat.ts';

/**
 * Makes sure, before anything is fetched, that an output can be written to `path`: what is already there may be replaced,
 * and its folder is writable. With `parity`, a parity file goes beside it.
 *
 * @throws `ERR_OUTPUT_UNWRITABLE`; `ERR_USAGE_INVALID` for a folder with a parity file
 */
export async function checkPlace(
  path: string,
  shape: Shape,
  options: { readonly parity?: number | undefined } = {},
): Promise<void> {
  if (options.parity !== undefined) await checkParity(path, shape);
  const volume = parseVolumeName(basename(path));
  if (volume !== undefined) {
    const hint = `Name the bundle without it: -o ${join(dirname(path), volume.base)} --volume-size SIZE`;
    throw unwritable(path, 'its name is that of a volume', hint);
  }
  const folder = dirname(path);
  const around = await statOf(folder);
  if (around === undefined) throw unwritable(path, `there is no folder "${folder}"`);
  if (!around.isDirectory()) throw unwritable(path, `"${folder}" is not a folder`);
  if (shape.form === 'dir') await checkFolder(path, around);
  else await checkFile(shape.volumeSize === undefined ? path : volumeName(path, 1));
  try {
    await access(folder, constants.W_OK | constants.X_OK);
  } catch (cause) {
    throw diskError('write to folder', folder, cause);
  }
}

/** Returns the error for a place that is not writable. */
export function unwritable(
  path: string,
  fact: string,
  hint = 'Choose a file in a folder that exists.',
): SaddlebagError {
  return new SaddlebagError('ERR_OUTPUT_UNWRITABLE', `Cannot write "${path}": ${fact}`, { hint });
}

async function checkParity(path: string, shape: Shape): Promise<void> {
  const file = parityPath(path);
  if (shape.form === 'dir') throw noParityForFolders(file);
  await checkFile(file);
}

async function checkFile(path: string): Promise<void> {
  const existing = await statOf(path);
  if (existing?.isDirectory() === true) throw unwritable(path, 'it is a folder');
  if (existing?.isFile() === false) throw unwritable(path, 'it is not a regular file');
}

/** A folder is replaced whole, so nothing else may be lost with it: it must be empty, or a bundle and nothing more. */
async function checkFolder(path: string, around: Stats): Promise<void> {
  const existing = await statOf(path);
  if (existing === undefined) return;
  if (!existing.isDirectory()) {
    throw unwritable(path, 'it is a file, and the bundle would be a folder', 'Choose another name.');
  }
  if (existing.dev !== around.dev) {
    const hint = `Give a folder on it: ${join(path, 'lab')}`;
    throw unwritable(path, 'it is a whole disk, and a folder on it is needed', hint);
  }
  if ((await readdir(path)).length === 0) return;
  const foreign = await firstForeign(path);
  if (foreign === undefined) return;
  throw unwritable(path, foreign, 'Choose a name that is not in use, or move that folder away.');
}

/** Says what a folder holds that is not part of a bundle; damage and missing files do not matter. */
async function firstForeign(path: string): Promise<string | undefined> {
  const archive = openDirectory(path);
  try {
    const { contents } = await readBundle(archive, { path });
    const known = new Set(contents.map((file) => file.path));
    for await (const entry of archive.entries()) {
      if (!known.has(entry.path)) return `it holds ${quote(entry.path)}, which is not part of a bundle`;
    }
    return undefined;
  } catch (error) {
    if (isSaddlebagError(error)) {
      return `a folder is there already, and it is not a bundle with "${LAYOUT.document}"`;
    }
    throw error;
  }
}
