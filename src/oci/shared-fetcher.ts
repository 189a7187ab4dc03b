import type { ByteStream } from '../internal/bytes.ts';
import type { Descriptor } from './descriptor.ts';
import type { Digest } from './digest.ts';
import type { Fetcher } from './roles.ts';

/** Bytes of one blob to keep for readers that lag behind or have yet to start. */
const WINDOW = 4 * 1024 * 1024;
/** How many small blobs, read to their end, to keep for late readers. */
const KEPT = 8;

/**
 * Returns a fetcher that reads a blob once for all readers that want it at about the same time: when one bundle goes to several
 * places, the medium is read once. A reader that is ahead waits for one that lags, so at most a window of each blob is in
 * memory. A reader that comes too late for the start reads on its own.
 */
export function sharedFetcher(source: Fetcher): Fetcher {
  const readings = new Map<Digest, Reading>();
  const readingOf = (target: Descriptor): Reading => {
    const known = readings.get(target.digest);
    if (known?.canBeJoined === true) return known;
    const reading = new Reading(source, target);
    readings.set(target.digest, reading);
    const spare = [...readings].filter(([, { isIdle }]) => isIdle);
    for (const [digest] of spare.slice(0, Math.max(0, spare.length - KEPT))) readings.delete(digest);
    return reading;
  };
  return {
    // The source itself caches documents.
    fetchWhole: source.fetchWhole,
    async *fetch(target, options = {}) {
      // Runs when the stream is first read: a reader that came in time may start too late.
      yield* (options.offset ?? 0) === 0 ? readingOf(target).join() : source.fetch(target, options);
    },
  };
}

/** One pass over a blob, and its readers. */
class Reading {
  readonly #open: () => AsyncIterator<Uint8Array>;
  #stream: AsyncIterator<Uint8Array> | undefined;
  /** The window, starting with chunk number `#first`. */
  readonly #chunks: Uint8Array[] = [];
  #first = 0;
  #bytes = 0;
  #outcome: { readonly error?: unknown } | undefined;
  /** Number of each reader's next chunk. */
  readonly #readers = new Map<object, number>();
  #news = Promise.withResolvers<void>();
  #isPulling = false;

  constructor(source: Fetcher, target: Descriptor) {
    // Without a signal: an interrupted reader must not end it for the others.
    this.#open = () => source.fetch(target)[Symbol.asyncIterator]();
  }

  /** Whether a reader can still join: the start is in the window, and nothing failed. */
  get canBeJoined(): boolean {
    return this.#first === 0 && !(this.#outcome !== undefined && 'error' in this.#outcome);
  }

  get isIdle(): boolean {
    return this.#readers.size === 0;
  }

  async *join(): ByteStream {
    const reader = {};
    this.#readers.set(reader, 0);
    try {
      for (let next = 0; ; next += 1) {
        this.#readers.set(reader, next);
        this.#forget();
        const chunk = await this.#chunk(next);
        if (chunk === undefined) return;
        yield chunk;
      }
    } finally {
      this.#readers.delete(reader);
      this.#forget();
      if (this.#readers.size === 0 && this.#outcome === undefined) await this.#abandon();
    }
  }

  async #chunk(number: number): Promise<Uint8Array | undefined> {
    for (;;) {
      const chunk = this.#chunks[number - this.#first];
      if (chunk !== undefined) return chunk;
      if (this.#outcome !== undefined) {
        if ('error' in this.#outcome) throw this.#outcome.error;
        return undefined;
      }
      if (this.#isPulling || this.#mustWait()) await this.#news.promise;
      else await this.#pull();
    }
  }

  /** When the window is full, the reader in front waits for the last one. */
  #mustWait(): boolean {
    return this.#bytes >= WINDOW && Math.min(...this.#readers.values()) < this.#first + this.#chunks.length;
  }

  async #pull(): Promise<void> {
    this.#isPulling = true;
    try {
      this.#stream ??= this.#open();
      const { done, value } = await this.#stream.next();
      if (done === true) this.#outcome = {};
      else this.#keep(value);
    } catch (error) {
      this.#outcome = { error };
    } finally {
      this.#isPulling = false;
      this.#tell();
    }
  }

  #keep(chunk: Uint8Array): void {
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
  }

  /** Drops chunks that every reader has seen, but only once the window is full: until then a new reader can join. */
  #forget(): void {
    const last = Math.min(...this.#readers.values(), this.#first + this.#chunks.length);
    while (this.#bytes >= WINDOW && this.#first < last) {
      this.#bytes -= this.#chunks.shift()?.length ?? 0;
      this.#first += 1;
    }
    this.#tell();
  }

  #tell(): void {
    this.#news.resolve();
    this.#news = Promise.withResolvers<void>();
  }

  /** The last reader has left; the next one starts over. */
  async #abandon(): Promise<void> {
    this.#outcome = { error: new Error('nobody read to the end') };
    await this.#stream?.return?.();
  }
}
