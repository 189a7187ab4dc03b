import { rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { ByteWriter } from '../byte-file.ts';
import { attempt } from '../errno.ts';
import { syncFolder } from '../folder.ts';
import { clearLeftovers, temporaryName } from '../sharing/temporary.ts';
import { openFileWriter } from '../writer.ts';

/**
 * Puts a file of `size` bytes in place, whole or not at all, like `place`; but `fill` writes it in any order.
 *
 * @throws `ERR_DISK_FULL`, `ERR_OUTPUT_UNWRITABLE`, `ERR_DISK_FAILED`; what `fill` throws
 */
export async function placeInPieces(
  path: string,
  options: { readonly size: number; readonly fill: (writer: ByteWriter) => Promise<void> },
): Promise<void> {
  const { size, fill } = options;
  const folder = dirname(path);
  await attempt('write', path, async () => {
    await clearLeftovers(folder, basename(path));
    const temporary = join(folder, temporaryName(basename(path)));
    try {
      await using writer = await openFileWriter(temporary, { size });
      await fill(writer);
      await writer.sync();
      await rename(temporary, path);
    } catch (error) {
      await rm(temporary, { force: true });
      throw error;
    }
    await syncFolder(folder);
  });
}
