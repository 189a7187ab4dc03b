import type { ByteStream } from '../../internal/bytes.ts';

/** Reads a stream in pieces of any length, holding one chunk at a time. */
export class ChunkReader {
  readonly #chunks: AsyncIterator<Uint8Array>;
  #held: Uint8Array = new Uint8Array();

  constructor(stream: ByteStream) {
    this.#chunks = stream[Symbol.asyncIterator]();
  }

  /** Yields so many bytes, or fewer when the stream ends. */
  async *upTo(length: number): ByteStream {
    for (let left = length; left > 0;) {
      if (this.#held.length === 0 && !(await this.#next())) return;
      const part = this.#held.subarray(0, left);
      this.#held = this.#held.subarray(part.length);
      left -= part.length;
      yield part;
    }
  }

  /** Returns so many bytes, or fewer when the stream ends; `undefined` at its end. */
  async take(length: number): Promise<Buffer | undefined> {
    const parts = await Array.fromAsync(this.upTo(length));
    return parts.length === 0 ? undefined : Buffer.concat(parts);
  }

  /** Returns whether there were so many bytes to skip. */
  async skip(length: number): Promise<boolean> {
    let left = length;
    for await (const part of this.upTo(length)) left -= part.length;
    return left === 0;
  }

  /** Reads on to the end, where the source may say that it was not what it should have been. */
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
