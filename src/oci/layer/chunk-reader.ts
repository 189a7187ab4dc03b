import type { ByteStream } from '../../internal/bytes.ts';

/** A tar that is read from its start to its end. */
export interface TarInput {
  /** bytes read or skipped so far */
  readonly position: number;
  /** Yields so many bytes, or fewer when the input ends. */
  upTo(length: number): ByteStream;
  /** Returns so many bytes, or fewer when the input ends; `undefined` at its end. */
  take(length: number): Promise<Buffer | undefined>;
  /** Returns whether there were so many bytes to skip. */
  skip(length: number): Promise<boolean>;
  /** Reads on to the end, where the source may say that it was not what it should have been. */
  skipAll(): Promise<void>;
  close(): Promise<void>;
}

/** Reads a stream in pieces of any length, holding one chunk at a time. */
export class ChunkReader implements TarInput {
  readonly #chunks: AsyncIterator<Uint8Array>;
  #held: Uint8Array = new Uint8Array();
  #position = 0;

  constructor(stream: ByteStream) {
    this.#chunks = stream[Symbol.asyncIterator]();
  }

  get position(): number {
    return this.#position;
  }

  async *upTo(length: number): ByteStream {
    for (let left = length; left > 0;) {
      if (this.#held.length === 0 && !(await this.#next())) return;
      const part = this.#held.subarray(0, left);
      this.#held = this.#held.subarray(part.length);
      left -= part.length;
      this.#position += part.length;
      yield part;
    }
  }

  async take(length: number): Promise<Buffer | undefined> {
    const parts = await Array.fromAsync(this.upTo(length));
    return parts.length === 0 ? undefined : Buffer.concat(parts);
  }

  async skip(length: number): Promise<boolean> {
    let left = length;
    for await (const part of this.upTo(length)) left -= part.length;
    return left === 0;
  }

  async skipAll(): Promise<void> {
    while (await this.#next());
  }

  async close(): Promise<void> {
    await this.#chunks.return?.();
  }

  async #next(): Promise<boolean> {
    const next = await this.#chunks.next();
    this.#held = next.done === true ? new Uint8Array() : next.value;
    return next.done !== true;
  }
}
