import { type BigIntStats, constants } from 'node:fs';
import { type FileHandle, lstat, open } from 'node:fs/promises';
import { systemCode } from '../../internal/error.ts';
import { attempt, isAbsent } from '../errno.ts';

/** A file or folder that is held open, so that the filesystem does not reuse its inode number. */
export interface HeldPath extends AsyncDisposable {
  /** Returns whether this very file or folder is at `path`. */
  isAt(path: string): Promise<boolean>;
}

/**
 * Holds the folder at `path`; with `file`, the file, which is created empty if there is none.
 *
 * @throws `ERR_OUTPUT_UNWRITABLE`, `ERR_DISK_FULL`, `ERR_DISK_FAILED`
 */
export async function holdPath(path: string, options: { readonly file: boolean }): Promise<HeldPath> {
  return await attempt('hold', path, async () => {
    const handle = await (options.file ? openFile(path) : openFolder(path));
    try {
      const own = numberOf(await (handle?.stat({ bigint: true }) ?? lstat(path, { bigint: true })));
      return {
        isAt: async (other) => (await numberAt(other)) === own,
        [Symbol.asyncDispose]: async () => await handle?.close(),
      };
    } catch (error) {
      await handle?.close();
      throw error;
    }
  });
}

/** A link planted under a name we made up would lead to somebody else's file. */
async function openFile(path: string): Promise<FileHandle> {
  return await open(path, constants.O_RDONLY | constants.O_CREAT | (constants.O_NOFOLLOW ?? 0), 0o666);
}

/** Windows does not open folders: there, the number alone has to do. */
async function openFolder(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, 'r');
  } catch (error) {
    if (['EACCES', 'EISDIR', 'EPERM'].includes(systemCode(error) ?? '')) return undefined;
    throw error;
  }
}

async function numberAt(path: string): Promise<string | undefined> {
  return await attempt('look at', path, async () => {
    try {
      return numberOf(await lstat(path, { bigint: true }));
    } catch (error) {
      if (isAbsent(error)) return undefined;
      throw error;
    }
  });
}

function numberOf({ dev, ino }: BigIntStats): string {
  return `${dev}:${ino}`;
}
