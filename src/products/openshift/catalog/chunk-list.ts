import type { Fail } from './fail.ts';

/** Chunks of one document, up to a ceiling (bytes). */
export class ChunkList {
  readonly #limit: number;
  readonly #fail: Fail;
  #chunks: Uint8Array[] = [];
  #length = 0;

  constructor(limit: number, fail: Fail) {
    this.#limit = limit;
    this.#fail = fail;
  }

  get length(): number {
    return this.#length;
  }

  push(chunk: Uint8Array): void {
    this.#length += chunk.length;
    if (this.#length > this.#limit)
      throw this.#fail(`one of its documents has more than ${this.#limit} bytes`);
    this.#chunks.push(chunk);
  }

  /** Returns all of it, and begins anew. */
  take(): Buffer {
    const whole = Buffer.concat(this.#chunks, this.#length);
    this.#chunks = [];
    this.#length = 0;
    return whole;
  }
}
