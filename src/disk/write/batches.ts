import type { Landing } from '../../internal/lease.ts';
import { type AlignedMemory, PAGE } from './aligned.ts';

/** Size of a batch (bytes). */
export const BATCH: number = 768 * 1024;
/** Batches of one blob at most: one is used, one is full, and the next is received into. */
export const BATCHES = 3;

/** Uses the bytes of a batch, which go to `position` (bytes); it is done with the memory when it returns. */
export type UseBatch = (bytes: Uint8Array, position: number) => Promise<void>;

/**
 * Gathers chunks in batches: one is used while the next is filled. Chunks are copied, so that their memory is free at once, unless they
 * were received where they belong. A batch is as far from a page in memory as it is in its file.
 */
export class Batches implements AsyncDisposable {
  readonly #memory: AlignedMemory;
  readonly #use: UseBatch;
  #filling: Uint8Array | undefined;
  /** Where the bytes in it begin that were not used yet, and where they end. */
  #start = 0;
  #end = 0;
  /** Where they go. */
  #position = 0;
  #using: Promise<void> = Promise.resolve();
  /** What is received into behind the memory that is being filled. */
  #ahead: Uint8Array | undefined;
  /** Whether somebody may have received more into these two than was added. */
  #isLent = false;
  /** What was lent and is not filled any more. */
  readonly #retired: Uint8Array[] = [];

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
      const rest = bytes.subarray(done);
      if (this.#isLent && !this.#isOurs(rest)) await this.#retire();
      const memory = (this.#filling ??= this.#begin(position + done));
      // What was received in our memory lies before all that is received behind it, so that copying it overwrites none of that.
      const count = this.#isInPlace(rest, memory) ? rest.length : rest.copy(memory, this.#end);
      this.#end += count;
      done += count;
      if (this.#end === memory.length) await this.flush();
    }
  }

  /** Returns where the next chunks are to be received; `position` tells where the next one goes. */
  landing(position: () => number): Landing {
    let isTaken = false;
    return {
      enter: () => {
        if (isTaken) return undefined;
        isTaken = true;
        // Whoever had it before may have left it in the middle.
        if (this.#ahead !== undefined) this.#memory.keep(this.#ahead);
        this.#ahead = undefined;
        this.#isLent = true;
        this.#filling ??= this.#begin(position());
        return this.#filling.subarray(this.#end);
      },
      next: () => {
        if (this.#ahead !== undefined) return undefined;
        this.#ahead = this.#memory.takeSpare();
        return this.#ahead;
      },
      leave: () => (isTaken = false),
    };
  }

  /** Begins to use what is held. */
  async flush(): Promise<void> {
    const memory = this.#filling;
    if (memory === undefined || this.#start === this.#end) return;
    await this.#using;
    const bytes = memory.subarray(this.#start, this.#end);
    const isFull = this.#end === memory.length;
    this.#using = this.#useUp(bytes, this.#position, isFull ? memory : undefined);
    // It is awaited before the next one; until then a failure must not count as unhandled.
    this.#using.catch(() => undefined);
    // More may be on its way into the rest of it.
    this.#position += bytes.length;
    this.#start = this.#end;
    if (isFull) this.#filling = undefined;
  }

  /** Returns once everything was used. */
  async end(): Promise<void> {
    await this.flush();
    await this.#using;
  }

  /** Returns once nothing is used any more; whoever called `end` knows whether it went well. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#using.catch(() => undefined);
    for (const memory of [this.#filling, this.#ahead, ...this.#retired.splice(0)])
      if (memory !== undefined) this.#memory.keep(memory);
    this.#filling = undefined;
    this.#ahead = undefined;
  }

  #begin(position: number): Uint8Array {
    this.#position = position;
    this.#start = position % PAGE;
    this.#end = this.#start;
    const memory = this.#ahead ?? this.#memory.take();
    this.#ahead = undefined;
    return memory;
  }

  /** Goes on in other memory: chunks that come from elsewhere must not overwrite what was received behind them. */
  async #retire(): Promise<void> {
    await this.flush();
    for (const memory of [this.#filling, this.#ahead]) if (memory !== undefined) this.#retired.push(memory);
    this.#filling = undefined;
    this.#ahead = undefined;
    this.#isLent = false;
  }

  #isOurs({ buffer }: Uint8Array): boolean {
    return buffer === this.#filling?.buffer || buffer === this.#ahead?.buffer;
  }

  #isInPlace(bytes: Uint8Array, memory: Uint8Array): boolean {
    return bytes.buffer === memory.buffer && bytes.byteOffset === memory.byteOffset + this.#end;
  }

  async #useUp(bytes: Uint8Array, position: number, whole: Uint8Array | undefined): Promise<void> {
    try {
      await this.#use(bytes, position);
    } finally {
      if (whole !== undefined) this.#memory.keep(whole);
    }
  }
}
