import { closeSync, constants, openSync, readSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import { messageOf, systemCode } from '../../internal/error.ts';
import { digestOf, finishDigest, startDigest } from '../../oci/digest.ts';
import type { Extent } from '../byte-file.ts';
import type { HashJob, HashOutcome, ReadFailure } from './job.ts';

/** Size of the one buffer (bytes): with a fresh one for each read, half of the work would be clearing memory. */
const BUFFER = 1024 * 1024;
/** Runs of at most this size (bytes) are read with what follows them, which is probably hashed next. */
export const SMALL_RUN: number = 64 * 1024;
const AHEAD = 4 * SMALL_RUN;
const NOTHING: Extent = { file: '', position: 0, length: 0 };

/** Hashes runs of bytes on disk, one after the other, and blocks its thread while it reads. Keeps the last file open. */
export class FileHasher implements Disposable {
  readonly #buffer = Buffer.allocUnsafeSlow(BUFFER);
  /** What of a file is in the buffer. */
  #held: Extent = NOTHING;
  /** What could not be read, at least a part of it. */
  #bad: Extent = NOTHING;
  #open: { readonly file: string; readonly descriptor: number } | undefined;

  /** Returns the digest of all extents together, and yields the size of each piece read (bytes). */
  *hash({ extents, crc: isCrcWanted = false }: HashJob): Generator<number, HashOutcome, undefined> {
    const [only] = extents;
    if (only !== undefined && extents.length === 1 && only.length <= SMALL_RUN) {
      const bytes = this.#small(only);
      if (bytes !== undefined) {
        yield bytes.length;
        return { digest: digestOf(bytes), crc: isCrcWanted ? crc32(bytes) : undefined };
      }
    }
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

  /** Returns the bytes of a small run; nothing where they cannot be read with what follows them. */
  #small(run: Extent): Uint8Array | undefined {
    const { file, position, length } = run;
    if (!isIn(this.#held, run)) {
      if (isIn(this.#bad, run)) return undefined;
      const ahead = { file, position, length: AHEAD };
      const count = this.#read(file, position, AHEAD);
      if (typeof count !== 'number') this.#bad = ahead;
      if (typeof count !== 'number' || count < length) return undefined;
      this.#held = { file, position, length: count };
    }
    const from = position - this.#held.position;
    return this.#buffer.subarray(from, from + length);
  }

  #read(file: string, position: number, length: number): number | ReadFailure {
    this.#held = NOTHING;
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

function isIn(whole: Extent, { file, position, length }: Extent): boolean {
  return (
    file === whole.file && position >= whole.position && position + length <= whole.position + whole.length
  );
}
