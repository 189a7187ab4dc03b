import type { Stats } from 'node:fs';
import { lstat, stat } from 'node:fs/promises';
import { attempt, isAbsent } from './errno.ts';

/**
 * Returns what is at `path`, or `undefined` when nothing is. `follow: false` inspects a link itself.
 *
 * @throws `ERR_OUTPUT_UNWRITABLE`, `ERR_DISK_FAILED`
 */
export async function statOf(
  path: string,
  options: { readonly follow?: boolean } = {},
): Promise<Stats | undefined> {
  return await attempt('look at', path, async () => {
    try {
      return await (options.follow === false ? lstat(path) : stat(path));
    } catch (error) {
      if (isAbsent(error)) return undefined;
      throw error;
    }
  });
}
