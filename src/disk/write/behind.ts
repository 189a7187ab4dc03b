/** Chunks smaller than this (bytes) are gathered, so that a slow network does not mean many small writes. */
const SMALL = 128 * 1024;
/** They are gathered to writes of this size (bytes). */
const BATCH = 512 * 1024;

/**
 * Writes chunks in their order while the next are read: at most one write is under way. It is done with a chunk before the third one
 * after it is asked for, so the source may use its memory again.
 */
export class WriteBehind {
  readonly #write: (bytes: Uint8Array) => Promise<void>;
  #writing: Promise<void> = Promise.resolve();
  /** Whether a chunk is being written as it came, in memory that is not ours. */
  #isLent = false;
  /** A small chunk that nothing was gathered with yet. */
  #single: Uint8Array | undefined;
  /** What small chunks are gathered in, and the same for the next write. */
  #batch: Uint8Array | undefined;
  #spare: Uint8Array | undefined;
  #gathered = 0;

  constructor(write: (bytes: Uint8Array) => Promise<void>) {
    this.#write = write;
  }

  /** Takes the next chunk. Throws what an earlier write threw. */
  async add(chunk: Uint8Array): Promise<void> {
    if (chunk.length >= SMALL) {
      await this.flush();
      return await this.#begin(chunk, { isLent: true });
    }
    const single = this.#single;
    if (single === undefined && this.#gathered === 0) {
      this.#single = chunk;
      return;
    }
    if (this.#isLent) await this.#writing;
    this.#single = undefined;
    if (single !== undefined) this.#gather(single);
    if (this.#gathered + chunk.length > BATCH) await this.flush();
    this.#gather(chunk);
  }

  /** Begins to write what is held. */
  async flush(): Promise<void> {
    const single = this.#single;
    this.#single = undefined;
    if (single !== undefined) return await this.#begin(single, { isLent: true });
    const batch = this.#batch;
    if (batch === undefined || this.#gathered === 0) return;
    const bytes = batch.subarray(0, this.#gathered);
    [this.#batch, this.#spare, this.#gathered] = [this.#spare, batch, 0];
    await this.#begin(bytes, { isLent: false });
  }

  /** Returns once everything is written. */
  async end(): Promise<void> {
    await this.flush();
    await this.settled();
  }

  /** Returns once no write is under way any more. Throws what the last one threw. */
  async settled(): Promise<void> {
    await this.#writing;
  }

  async #begin(bytes: Uint8Array, { isLent }: { readonly isLent: boolean }): Promise<void> {
    await this.#writing;
    this.#isLent = isLent;
    this.#writing = this.#write(bytes);
    // It is awaited before the next write; until then a failure must not count as unhandled.
    this.#writing.catch(() => undefined);
  }

  #gather(chunk: Uint8Array): void {
    this.#batch ??= Buffer.allocUnsafeSlow(BATCH);
    this.#batch.set(chunk, this.#gathered);
    this.#gathered += chunk.length;
  }
}
