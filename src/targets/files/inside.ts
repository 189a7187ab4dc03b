import { realpath } from 'node:fs/promises';
import { dirname } from 'node:path';
import { atTarget } from '../../disk/errno.ts';
import { nearestFolder } from '../../disk/folder.ts';
import { isWithin } from '../../disk/within.ts';
import { SaddlebagError } from '../../internal/error.ts';

/**
 * Makes sure that paths below a folder really lie below it: somebody may have put a symbolic link there.
 *
 * @throws `ERR_TARGET_REFUSED`
 */
export async function requireInside(folder: string, paths: readonly string[]): Promise<void> {
  const real = async (path: string): Promise<string> =>
    await atTarget('look at', path, async () => await realpath(await nearestFolder(path)));
  const folders = new Set(paths.map((path) => dirname(path)));
  folders.delete(folder);
  if (folders.size === 0) return;
  const top = await real(folder);
  for (const each of folders) {
    if (isWithin(top, await real(each))) continue;
    throw new SaddlebagError(
      'ERR_TARGET_REFUSED',
      `Cannot write to ${JSON.stringify(each)}: a link leads out of ${JSON.stringify(folder)}`,
      { hint: 'Remove the link, or choose another folder.' },
    );
  }
}
