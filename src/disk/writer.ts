import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import type { ByteWriter } from './byte-file.ts';
import { attempt, diskError } from './errno.ts';
import { DirectWay } from './write/direct.ts';
import { writeAll } from './write/all.ts';

/**
 * Opens a file of exactly `size` bytes for writing at any position, and creates it if there is none. Bytes never
 * written read as zeros and, on most filesystems, take no space. With `keep` its content stays; otherwise it starts
 * empty. With `reserve: false` the file is only as long as what was written: some filesystems would fill it with zeros
 * first.
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
    throw diskError('set the size of', path, cause);
  }
}

class FileWriter implements ByteWriter {
  readonly #path: string;
  readonly #handle: FileHandle;
  readonly #direct: DirectWay;

  constructor(path: string, handle: FileHandle) {
    this.#path = path;
    this.#handle = handle;
    this.#direct = new DirectWay(path, handle);
  }

  async write(chunks: readonly Uint8Array[], position: number): Promise<void> {
    await attempt('write', this.#path, () => this.#write(chunks, position));
  }

  async sync(): Promise<void> {
    await attempt('store', this.#path, () => this.#handle.datasync());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#direct[Symbol.asyncDispose]();
    await attempt('close', this.#path, () => this.#handle.close());
  }

  async #write(chunks: readonly Uint8Array[], position: number): Promise<void> {
    const [chunk, ...others] = chunks;
    const done =
      chunk === undefined || others.length > 0 ? undefined : await this.#direct.write(chunk, position);
    if (chunk === undefined || done === undefined) return await writeAll(this.#handle, chunks, position);
    await writeAll(this.#handle, [chunk.subarray(0, done.start)], position);
    await writeAll(this.#handle, [chunk.subarray(done.end)], position + done.end);
  }
}

/**
 * Someone may have planted a link under a name we made up; following it would overwrite its target. Windows has no such
 * flag.
 */
async function openHandle(path: string): Promise<FileHandle> {
  try {
    return await open(path, constants.O_RDWR | constants.O_CREAT | (constants.O_NOFOLLOW ?? 0), 0o666);
  } catch (cause) {
    throw diskError('open', path, cause);
  }
}
