import type { ByteStream } from '../internal/bytes.ts';
import type { Descriptor } from './descriptor.ts';
import type { Digest } from './digest.ts';
import type { Fetcher } from './roles.ts';

/** Bytes of one blob that are kept for a reader that is behind, or has yet to come. */
const WINDOW = 4 * 1024 * 1024;
/** Small blobs that were read to their end are kept for those who come late: so many of them. */
const KEPT = 8;

/**
 * Returns a fetcher that reads a blob once for all who want it at about the same time: where one bundle goes to several
 * places, the stick is read once. A reader that is ahead waits for one that is behind, so no more than a window of each
 * blob is in memory; one that comes too late for the beginning reads for itself.
 */
export function sharedFetcher(source: Fetcher): Fetcher {
  const readings = new Map<Digest, Reading>();
  return {
    // Documents are kept at hand by the source itself.
    fetchWhole: source.fetchWhole,
    fetch: (target, options = {}) => {
      if ((options.offset ?? 0) !== 0) return source.fetch(target, options);
      const known = readings.get(target.digest);
      if (known?.canBeJoined === true) return known.join();
      const reading = new Reading(source, target);
      readings.set(target.digest, reading);
      const spare = [...readings].filter(([, { isIdle }]) => isIdle);
      for (const [digest] of spare.slice(0, Math.max(0, spare.length - KEPT))) readings.delete(digest);
      return reading.join();
    },
  };
}

/** One pass over a blob, and its readers. */
class Reading {
  readonly #open: () => AsyncIterator<Uint8Array>;
  #stream: AsyncIterator<Uint8Array> | undefined;
  /** What is kept, from chunk number `#first` on. */
  readonly #chunks: Uint8Array[] = [];
  #first = 0;
  #bytes = 0;
  #outcome: { readonly error?: unknown } | undefined;
  /** Next chunk of each reader, by number. */
  readonly #readers = new Map<object, number>();
  #news = Promise.withResolvers<void>();
  #isPulling = false;

  constructor(source: Fetcher, target: Descriptor) {
    // Without a signal: one reader that is interrupted does not end it for the others.
    this.#open = () => source.fetch(target)[Symbol.asyncIterator]();
  }

  /** Whether the beginning is still here, and nothing went wrong. */
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

  /** A reader in front of a full window waits for the last one. */
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

  /** What everyone has read goes when the window is full; until then the next one may still join. */
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

  /** Nobody reads any more: whoever comes next starts anew. */
  async #abandon(): Promise<void> {
    this.#outcome = { error: new Error('nobody read to the end') };
    await this.#stream?.return?.();
  }
}
