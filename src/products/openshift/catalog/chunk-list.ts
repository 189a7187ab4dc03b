import type { Fail } from './fail.ts';

/** What a document of any size has room in at first (bytes). */
const ROOM = 64 * 1024;

/** Chunks of one document, up to a ceiling (bytes), in memory that the next document uses again. */
export class ChunkList {
  readonly #limit: number;
  readonly #fail: Fail;
  #memory = Buffer.alloc(ROOM);
  #length = 0;

  constructor(limit: number, fail: Fail) {
    this.#limit = limit;
    this.#fail = fail;
  }

  get length(): number {
    return this.#length;
  }

  push(chunk: Uint8Array): void {
    const length = this.#length + chunk.length;
    if (length > this.#limit) throw this.#fail(`one of its documents has more than ${this.#limit} bytes`);
    if (length > this.#memory.length) this.#grow(length);
    this.#memory.set(chunk, this.#length);
    this.#length = length;
  }

  /** Returns all of it, and begins anew: the bytes last until the next push. */
  take(): Buffer {
    const whole = this.#memory.subarray(0, this.#length);
    this.#length = 0;
    return whole;
  }

  #grow(length: number): void {
    const larger = Buffer.alloc(Math.min(this.#limit, Math.max(length, 2 * this.#memory.length)));
    larger.set(this.#memory.subarray(0, this.#length));
    this.#memory = larger;
  }
}
