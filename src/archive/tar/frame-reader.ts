import type { ByteReader } from '../../disk/byte-file.ts';
import { isSaddlebagError, type SaddlebagError } from '../../internal/error.ts';
import { Lease } from '../../internal/lease.ts';
import { TAR_BLOCK } from './header.ts';

/** Read at once where entries are small: their headers lie close together (bytes). */
const AHEAD = 256 * 1024;
/** Where so many headers in a row are at most this far from each other (bytes), what lies between them is read as well. */
const CLOSE = { headers: 8, bytes: AHEAD / 16 } as const;

const NOTHING = new Uint8Array();

/** Reads what is not content of a tar, from its start to its end: headers and padding. */
export class FrameReader {
  readonly #reader: ByteReader;
  #memory = Buffer.alloc(0);
  /** What was read last, and where it is from (bytes). */
  #held: Uint8Array = NOTHING;
  #position = 0;
  /** Where the last header is (bytes), and how many in a row were close to each other. */
  #header = 0;
  #close = 0;
  /** Up to here, nothing is read ahead: there is a bad spot (bytes). */
  #bad = 0;

  constructor(reader: ByteReader) {
    this.#reader = reader;
  }

  /** Returns the header block at a position (bytes); less than a block where the file ends. Its memory is used again. */
  async header(position: number): Promise<Uint8Array> {
    this.#close = position - this.#header <= CLOSE.bytes ? this.#close + 1 : 0;
    this.#header = position;
    return this.#part(position, TAR_BLOCK) ?? (await this.#read(position, TAR_BLOCK));
  }

  /** Returns the padding at a position (bytes), and reads the header behind it as well. Its memory is used again. */
  async padding(position: number, length: number): Promise<Uint8Array> {
    return this.#part(position, length) ?? (await this.#read(position, length));
  }

  #part(position: number, length: number): Uint8Array | undefined {
    const from = position - this.#position;
    if (from < 0 || from + length > this.#held.length) return undefined;
    return this.#held.subarray(from, from + length);
  }

  async #read(position: number, length: number): Promise<Uint8Array> {
    const isClose = this.#close >= CLOSE.headers && position - this.#header <= CLOSE.bytes;
    // Its memory is about to be used again, even if that fails.
    this.#held = NOTHING;
    this.#held =
      (await this.#ahead(position, isClose ? AHEAD : length + TAR_BLOCK)) ??
      (await this.#reader.read(position, length));
    this.#position = position;
    return this.#held.subarray(0, length);
  }

  /** Returns what is at a position and behind it; nothing where a part of that cannot be read, which may be content. */
  async #ahead(position: number, length: number): Promise<Uint8Array | undefined> {
    if (position < this.#bad) return undefined;
    if (this.#memory.length === 0) this.#memory = Buffer.allocUnsafeSlow(AHEAD);
    const lease = new Lease({ chunks: 1 });
    let filled = 0;
    try {
      for await (const chunk of this.#reader.stream(position, length, { lease })) {
        this.#memory.set(chunk, filled);
        filled += chunk.length;
      }
      return this.#memory.subarray(0, filled);
    } catch (error) {
      if (!isDamage(error)) throw error;
      this.#bad = position + length;
      return undefined;
    } finally {
      lease.end();
    }
  }
}

/** Returns whether an error tells of damage, behind which a walk can go on. */
export function isDamage(error: unknown): error is SaddlebagError {
  return isSaddlebagError(error, 'ERR_ARCHIVE_INVALID') || isSaddlebagError(error, 'ERR_DISK_FAILED');
}
