import { type AlignedMemory, PAGE } from './aligned.ts';

/** Size of a batch (bytes). */
export const BATCH: number = 512 * 1024;

/** Uses the bytes of a batch, which go to `position` (bytes); it is done with the memory when it returns. */
export type UseBatch = (bytes: Uint8Array, position: number) => Promise<void>;

/**
 * Gathers chunks in batches: one is used while the next is filled. Chunks are copied, so that their memory is free at once; a
 * batch is as far from a page in memory as it is in its file.
 */
export class Batches implements AsyncDisposable {
  readonly #memory: AlignedMemory;
  readonly #use: UseBatch;
  #filling: Uint8Array | undefined;
  /** Where the bytes in it begin and end. */
  #start = 0;
  #end = 0;
  /** Where they go. */
  #position = 0;
  #using: Promise<void> = Promise.resolve();

  /** `memory` has runs of {@link BATCH} bytes. */
  constructor(memory: AlignedMemory, use: UseBatch) {
    this.#memory = memory;
    this.#use = use;
  }

  /** Takes the next chunk, which goes to `position`, right behind the last one. Throws what the use of an earlier batch threw. */
  async add(chunk: Uint8Array, position: number): Promise<void> {
    // What copies into memory that threads share is several times slower than that of a Buffer, unless both are aligned.
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length);
    for (let done = 0; done < bytes.length;) {
      const memory = (this.#filling ??= this.#begin(position + done));
      const count = bytes.copy(memory, this.#end, done);
      this.#end += count;
      done += count;
      if (this.#end === memory.length) await this.flush();
    }
  }

  /** Begins to use what is held. */
  async flush(): Promise<void> {
    const memory = this.#filling;
    if (memory === undefined) return;
    await this.#using;
    this.#filling = undefined;
    this.#using = this.#useUp(memory, memory.subarray(this.#start, this.#end), this.#position);
    // It is awaited before the next one; until then a failure must not count as unhandled.
    this.#using.catch(() => undefined);
  }

  /** Returns once everything was used. */
  async end(): Promise<void> {
    await this.flush();
    await this.#using;
  }

  /** Returns once nothing is used any more; whoever called `end` knows whether it went well. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#using.catch(() => undefined);
    if (this.#filling !== undefined) this.#memory.keep(this.#filling);
    this.#filling = undefined;
  }

  #begin(position: number): Uint8Array {
    this.#position = position;
    this.#start = position % PAGE;
    this.#end = this.#start;
    return this.#memory.take();
  }

  async #useUp(memory: Uint8Array, bytes: Uint8Array, position: number): Promise<void> {
    try {
      await this.#use(bytes, position);
    } finally {
      this.#memory.keep(memory);
    }
  }
}
