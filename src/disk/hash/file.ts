import { closeSync, constants, openSync, readSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import { messageOf, systemCode } from '../../internal/error.ts';
import { finishDigest, startDigest } from '../../oci/digest.ts';
import type { HashJob, HashOutcome, ReadFailure } from './job.ts';

/** Size of the one buffer (bytes): with a fresh one for each read, half of the work would be clearing memory. */
const BUFFER = 1024 * 1024;

/** Hashes runs of bytes on disk, one after the other, and blocks its thread while it reads. Keeps the last file open. */
export class FileHasher implements Disposable {
  readonly #buffer = Buffer.allocUnsafeSlow(BUFFER);
  #open: { readonly file: string; readonly descriptor: number } | undefined;

  /** Returns the digest of all extents together, and yields the size of each piece read (bytes). */
  *hash({ extents, crc: isCrcWanted = false }: HashJob): Generator<number, HashOutcome, undefined> {
    const hash = startDigest();
    let crc = 0;
    for (const { file, position, length } of extents) {
      for (let done = 0; done < length;) {
        const count = this.#read(file, position + done, Math.min(BUFFER, length - done));
        if (typeof count !== 'number') return { failure: count };
        const bytes = this.#buffer.subarray(0, count);
        hash.update(bytes);
        if (isCrcWanted) crc = crc32(bytes, crc);
        done += count;
        yield count;
      }
    }
    return { digest: finishDigest(hash), crc: isCrcWanted ? crc : undefined };
  }

  [Symbol.dispose](): void {
    if (this.#open !== undefined) closeSync(this.#open.descriptor);
    this.#open = undefined;
  }

  #read(file: string, position: number, length: number): number | ReadFailure {
    try {
      const count = readSync(this.#descriptorOf(file), this.#buffer, 0, length, position);
      if (count > 0) return count;
      return { file, position, code: '', message: 'the file ends there' };
    } catch (error) {
      return { file, position, code: systemCode(error) ?? '', message: messageOf(error) };
    }
  }

  #descriptorOf(file: string): number {
    if (this.#open?.file === file) return this.#open.descriptor;
    this[Symbol.dispose]();
    // A pipe may have taken the place of the file since it was listed; opening it would block this thread forever.
    const descriptor = openSync(file, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    this.#open = { file, descriptor };
    return descriptor;
  }
}
