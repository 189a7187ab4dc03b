import { randomFillSync } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { attempt } from './errno.ts';
import { chunksOf, type Content } from './place.ts';
import { syncFolder } from './folder.ts';
import { giveTo, type Owner, whereKnown } from './owner.ts';
import { clearLeftovers, temporaryName } from './sharing/temporary.ts';
import { writeAll } from './write/all.ts';

/** Disk space reserved before its content exists. */
export interface ReservedFile extends AsyncDisposable {
  /**
   * Gives the file its content and its name, whole or not at all, and needs no more space if the content is no longer
   * than what was reserved. Call it at most once; otherwise disposing frees the space.
   */
  become(
    content: Content,
    options: { readonly mode: number; readonly owner?: Owner | undefined },
  ): Promise<void>;
}

/** Largest write (bytes). */
const CHUNK = 256 * 1024;

/**
 * Reserves `size` bytes for the file that will be at `path`. The folder must exist.
 *
 * @throws `ERR_DISK_FULL`, `ERR_OUTPUT_UNWRITABLE`, `ERR_DISK_FAILED`
 */
export async function reserveFile(path: string, size: number): Promise<ReservedFile> {
  const folder = dirname(path);
  const temporary = join(folder, temporaryName(basename(path)));
  const release = async (): Promise<void> => await rm(temporary, { force: true });
  await attempt('reserve space for', path, async () => {
    await clearLeftovers(folder, basename(path));
    try {
      await using handle = await open(temporary, 'wx', 0o600);
      // A filesystem that compresses would store zeros in no space.
      const chunk = Buffer.allocUnsafeSlow(Math.min(size, CHUNK));
      for (let left = size; left > 0; left -= CHUNK)
        await writeAll(handle, [randomFillSync(chunk).subarray(0, left)]);
      await handle.sync();
    } catch (error) {
      await release();
      throw error;
    }
  });
  return {
    become: async (content, { mode, owner }) =>
      await attempt('write', path, async () => {
        await using handle = await open(temporary, 'r+');
        let size = 0;
        for await (const chunk of chunksOf(content)) {
          await writeAll(handle, [chunk], size);
          size += chunk.length;
        }
        await handle.truncate(size);
        if (process.platform !== 'win32') await whereKnown(() => handle.chmod(mode));
        await handle.sync();
        await giveTo(temporary, owner);
        await rename(temporary, path);
        await syncFolder(folder);
      }),
    [Symbol.asyncDispose]: release,
  };
}
