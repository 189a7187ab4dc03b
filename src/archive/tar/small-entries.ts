import type { ByteReader } from '../../disk/byte-file.ts';
import { isDamage } from './frame-reader.ts';

/** Entries of at most this size are small (bytes). */
export const SMALL_ENTRY: number = 16 * 1024;
/** Read at once (bytes): an entry and those behind it. */
const AHEAD = 4 * SMALL_ENTRY;

/** Reads small entries, each with those behind it, which are probably read next: the documents of a bundle lie together. */
export class SmallEntries {
  readonly #reader: ByteReader;
  /** What was read last, and where it is from (bytes). */
  #held: { readonly position: number; readonly bytes: Uint8Array } = { position: 0, bytes: new Uint8Array() };

  constructor(reader: ByteReader) {
    this.#reader = reader;
  }

  /** Returns up to `length` bytes from a position, in memory of their own. */
  async read(position: number, length: number): Promise<Uint8Array> {
    const held = this.#part(position, length);
    if (held !== undefined) return held;
    try {
      this.#held = { position, bytes: await this.#reader.read(position, AHEAD) };
    } catch (error) {
      // The bad spot may be further on.
      if (!isDamage(error)) throw error;
      return await this.#reader.read(position, length);
    }
    return this.#part(position, length) ?? this.#held.bytes;
  }

  #part(position: number, length: number): Uint8Array | undefined {
    const { position: start, bytes } = this.#held;
    const from = position - start;
    // Whoever keeps it must not keep all that was read.
    return from < 0 || from + length > bytes.length
      ? undefined
      : Uint8Array.from(bytes.subarray(from, from + length));
  }
}
