import { realpath, writeFile } from 'node:fs/promises';
import type { WaitOptions } from '../oci/roles.ts';
import { attempt, isAbsent } from './errno.ts';
import { place } from './place.ts';
import { statOf } from './stat.ts';

/**
 * Writes a document to a path the user named, whole or not at all. A file keeps its mode, and a symbolic link stays and
 * leads to the new content. A device or a pipe, such as `/dev/stdout`, is written to directly.
 *
 * @throws `ERR_OUTPUT_UNWRITABLE`, `ERR_DISK_FULL`, `ERR_DISK_FAILED`
 */
export async function save(
  path: string,
  content: string | Uint8Array,
  options: WaitOptions = {},
): Promise<void> {
  const found = await statOf(path);
  if (found !== undefined && !found.isFile() && !found.isDirectory()) {
    return await attempt('write', path, () => writeFile(path, content));
  }
  const mode = found?.isFile() === true ? found.mode & 0o777 : undefined;
  await place(await withoutLinks(path), content, { mode, signal: options.signal });
}

async function withoutLinks(path: string): Promise<string> {
  return await attempt('write', path, async () => {
    try {
      return await realpath(path);
    } catch (error) {
      if (isAbsent(error)) return path;
      throw error;
    }
  });
}
