import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import type { ByteStream, StreamOptions } from '../internal/bytes.ts';
import { messageOf, SaddlebagError, systemCode } from '../internal/error.ts';
import { throwIfInterrupted } from '../internal/interrupt.ts';
import type { ByteReader, Extent } from './byte-file.ts';
import { CHUNK, chunkMemory } from './chunk.ts';

/**
 * Opens a regular file for reading at any position. `follow: false` refuses a symbolic link in its place.
 *
 * @throws `ERR_BUNDLE_NOT_FOUND`, `ERR_ARCHIVE_INVALID` when it is not a regular file, `ERR_DISK_FAILED`
 */
export async function openFileReader(
  path: string,
  options: { readonly follow?: boolean | undefined } = {},
): Promise<ByteReader> {
  const handle = await openHandle(path, options.follow ?? true);
  try {
    const stats = await handle.stat();
    if (!stats.isFile()) throw notRegular(path);
    return new FileReader(path, handle, stats.size);
  } catch (error) {
    await handle.close();
    throw error;
  }
}

class FileReader implements ByteReader {
  readonly size: number;
  readonly #path: string;
  readonly #handle: FileHandle;

  constructor(path: string, handle: FileHandle, size: number) {
    this.#path = path;
    this.#handle = handle;
    this.size = size;
  }

  async *stream(position: number, length: number, options: StreamOptions = {}): ByteStream {
    const end = position + length;
    const memory = chunkMemory(options.lease, { length });
    for (let at = position; at < end;) {
      throwIfInterrupted(options.signal);
      const chunk = await this.#fill(at, Math.min(CHUNK, end - at), memory());
      if (chunk.length === 0) return;
      at += chunk.length;
      yield chunk;
    }
  }

  async read(position: number, length: number): Promise<Uint8Array> {
    return await this.#fill(position, length);
  }

  async #fill(position: number, length: number, own?: Uint8Array): Promise<Uint8Array> {
    const size = Math.max(0, Math.min(length, this.size - position));
    const buffer = own?.subarray(0, size) ?? Buffer.allocUnsafe(size);
    let filled = 0;
    while (filled < buffer.length) {
      const count = await this.#readInto(buffer, filled, position + filled);
      if (count === 0) break;
      filled += count;
    }
    return buffer.subarray(0, filled);
  }

  extents(position: number, length: number): readonly Extent[] {
    return [{ file: this.#path, position, length }];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#handle.close();
  }

  async #readInto(buffer: Uint8Array, offset: number, position: number): Promise<number> {
    try {
      const { bytesRead } = await this.#handle.read(buffer, offset, buffer.length - offset, position);
      return bytesRead;
    } catch (cause) {
      throw readFailed(this.#path, position, { code: systemCode(cause), message: messageOf(cause) });
    }
  }
}

/** Returns the error for a failed read; `position` is in bytes, `code` and `message` are the system's. */
export function readFailed(
  path: string,
  position: number,
  cause: { readonly code: string | undefined; readonly message: string },
): SaddlebagError {
  const fact = cause.code === 'EIO' ? 'the medium cannot be read there (EIO)' : cause.message;
  return new SaddlebagError('ERR_DISK_FAILED', `Cannot read "${path}" at byte ${position}: ${fact}`, {
    hint: 'Try another port or reader, or copy the bundle again to another medium.',
    cause,
  });
}

async function openHandle(path: string, follow: boolean): Promise<FileHandle> {
  // Windows has neither flag. Without the second, a named pipe would make `open` wait forever.
  const noFollow = follow ? 0 : (constants.O_NOFOLLOW ?? 0);
  const noBlock = constants.O_NONBLOCK ?? 0;
  try {
    return await open(path, constants.O_RDONLY | noFollow | noBlock);
  } catch (cause) {
    const code = systemCode(cause);
    if (code === 'ENOENT' || code === 'ENOTDIR') throw notFound(path, cause);
    if (code === 'ELOOP' || code === 'ENXIO') throw notRegular(path, cause);
    throw new SaddlebagError('ERR_DISK_FAILED', `Cannot open "${path}": ${messageOf(cause)}`, { cause });
  }
}

function notFound(path: string, cause: unknown): SaddlebagError {
  return new SaddlebagError('ERR_BUNDLE_NOT_FOUND', `Cannot open "${path}": there is no such file`, {
    hint: 'Check the path, and that the stick is mounted.',
    cause,
  });
}

function notRegular(path: string, cause?: unknown): SaddlebagError {
  return new SaddlebagError('ERR_ARCHIVE_INVALID', `Cannot read "${path}": it is not a regular file`, {
    cause,
  });
}
