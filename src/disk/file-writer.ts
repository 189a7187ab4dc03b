import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { SaddlebagError } from '../internal/error.ts';
import type { ByteWriter } from './byte-file.ts';
import { diskError } from './disk-error.ts';

/**
 * Opens a file of exactly `size` bytes for writing at any position, and creates it where there is none. What was never
 * written reads as zeros and, on most filesystems, takes no space. With `keep` its content stays; else it starts empty.
 * With `reserve: false` the file has no more bytes than were written: some filesystems would fill it with zeros first.
 *
 * @throws `ERR_OUTPUT_UNWRITABLE`, `ERR_DISK_FULL`, `ERR_DISK_FAILED`
 */
export async function openFileWriter(
  path: string,
  options: {
    readonly size: number;
    readonly keep?: boolean | undefined;
    readonly reserve?: boolean | undefined;
  },
): Promise<ByteWriter> {
  const handle = await openHandle(path);
  try {
    if (options.keep !== true) await handle.truncate(0);
    const { size: present } = await handle.stat();
    if (options.reserve !== false || present > options.size) await handle.truncate(options.size);
    return new FileWriter(path, handle);
  } catch (cause) {
    await handle.close();
    throw diskError('lay out', path, cause);
  }
}

class FileWriter implements ByteWriter {
  readonly #path: string;
  readonly #handle: FileHandle;

  constructor(path: string, handle: FileHandle) {
    this.#path = path;
    this.#handle = handle;
  }

  async write(chunks: readonly Uint8Array[], position: number): Promise<void> {
    let rest = chunks;
    let at = position;
    while (rest.length > 0) {
      const written = await this.#attempt('write', async () => {
        const { bytesWritten } = await this.#handle.writev(rest, at);
        return bytesWritten;
      });
      // A disk that fills up takes a part first and fails at the next try.
      rest = without(rest, written);
      at += written;
      if (written === 0 && rest.length > 0) {
        throw new SaddlebagError(
          'ERR_DISK_FAILED',
          `Cannot write "${this.#path}": the disk takes no more bytes`,
        );
      }
    }
  }

  async sync(): Promise<void> {
    await this.#attempt('store', () => this.#handle.datasync());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#attempt('close', () => this.#handle.close());
  }

  async #attempt<T>(what: string, task: () => Promise<T>): Promise<T> {
    try {
      return await task();
    } catch (cause) {
      throw diskError(what, this.#path, cause);
    }
  }
}

/** Returns the chunks without their first `count` bytes. */
function without(chunks: readonly Uint8Array[], count: number): readonly Uint8Array[] {
  let left = count;
  let index = 0;
  for (const chunk of chunks) {
    if (left < chunk.length) break;
    left -= chunk.length;
    index += 1;
  }
  const [first, ...others] = chunks.slice(index);
  return first === undefined ? [] : [first.subarray(left), ...others];
}

/** A link planted under a name we made up would have us overwrite the file it points at; Windows knows no such flag. */
async function openHandle(path: string): Promise<FileHandle> {
  try {
    return await open(path, constants.O_RDWR | constants.O_CREAT | (constants.O_NOFOLLOW ?? 0), 0o666);
  } catch (cause) {
    throw diskError('open', path, cause);
  }
}
