import type { UploadHabits } from '../session/upload-habits.ts';
import { RegistryError } from '../session/registry-error.ts';
import { isStale } from './tries.ts';

/** Up to this size (bytes) a blob goes in one request: sending it again costs less than asking where it broke off. */
const WHOLE_LIMIT = 32 * 1024 * 1024;
/** Broken streams without a byte kept, after which a registry that might not take them gets the blob in one request. */
const STREAMS = 2;
/** What a registry answers to content that it wants sent in another way. */
const UNWANTED: ReadonlySet<number> = new Set([400, 404, 405, 411, 415, 501]);
/** Sizes of chunks (bytes) to try where requests are too large; nginx takes the last but one unless it is told otherwise. */
const CHUNKS = [64, 16, 4, 1, 0.5].map((size) => size * 1024 * 1024);
const NO_CHUNKS = 'The registry seems to take no blobs in chunks: leave --upload-chunk out.';

/** How a blob is sent: in one request, as a stream that can go on where it broke, in chunks. */
export type Way = 'whole' | 'stream' | 'chunks';

/** Chooses how one blob is sent, from what its registry is known to take and what comes back from it. */
export class Ways {
  readonly #size: number;
  readonly #habits: UploadHabits;
  /** The same, as far as this blob has found out; believed of the registry when it has worked. */
  readonly #found: UploadHabits;
  /** What the way said that was tried first, and should have worked. */
  #refusal: RegistryError | undefined;

  constructor(size: number, habits: UploadHabits) {
    this.#size = size;
    this.#habits = habits;
    this.#found = { ...habits };
  }

  /** Bytes in one chunk. */
  get chunk(): number {
    return this.#found.requestLimit;
  }

  choose({ isBegun, fruitless }: { readonly isBegun: boolean; readonly fruitless: number }): Way {
    const { takesWhole, takesStreams, requestLimit } = this.#found;
    if (this.#size > requestLimit) return 'chunks';
    if (isBegun || !takesWhole) return 'stream';
    return this.#size <= WHOLE_LIMIT || !takesStreams || fruitless >= STREAMS ? 'whole' : 'stream';
  }

  /** Takes note of the refusal of content. Returns whether there is another way to send it. @throws when none is left */
  change(way: Way, error: unknown): boolean {
    if (!(error instanceof RegistryError) || error.status === undefined) return false;
    if (error.status === 413) return this.#shrink(error);
    if (!UNWANTED.has(error.status) || isStale(error)) return false;
    if (way === 'chunks') throw this.#refusal ?? error.with({ what: error.what, hint: NO_CHUNKS });
    const refusal = (this.#refusal ??= error);
    if (way === 'whole' ? !this.#found.takesStreams : !this.#found.takesWhole) throw refusal;
    if (way === 'whole') this.#found.takesWhole = false;
    else this.#found.takesStreams = false;
    return true;
  }

  /** It has worked this way: the next blob goes so at once. */
  settle(): void {
    const { takesWhole, takesStreams, requestLimit } = this.#found;
    this.#habits.takesWhole &&= takesWhole;
    this.#habits.takesStreams &&= takesStreams;
    this.#habits.requestLimit = Math.min(this.#habits.requestLimit, requestLimit);
  }

  #shrink(error: RegistryError): boolean {
    const sent = Math.min(this.#size, this.#found.requestLimit);
    const smaller = CHUNKS.find((size) => size < sent);
    if (smaller === undefined) throw error;
    this.#refusal ??= error;
    this.#found.requestLimit = smaller;
    return true;
  }
}
