import type { UploadHabits } from '../session/upload-habits.ts';
import { RegistryError } from '../session/registry-error.ts';
import { isStale } from './tries.ts';

/** A blob up to this size (bytes) goes in one request: sending it again is cheaper than asking where it broke off. */
const WHOLE_LIMIT = 32 * 1024 * 1024;
/** After this many broken streams with nothing kept, the registry may not support streams, so the blob goes in one request. */
const STREAMS = 2;
/** Statuses of a registry that wants content sent another way. */
const UNWANTED: ReadonlySet<number> = new Set([400, 404, 405, 411, 415, 501]);
/** Chunk sizes (bytes) to try where requests are too large; nginx accepts the last but one by default. */
const CHUNKS = [64, 16, 4, 1, 0.5].map((size) => size * 1024 * 1024);
const NO_CHUNKS = 'The registry seems to take no blobs in chunks: leave --upload-chunk out.';

/** How to send a blob: in one request, as a resumable stream, or in chunks. */
export type Way = 'whole' | 'stream' | 'chunks';

/** Chooses how to send one blob, from what is known of the registry and from its answers. */
export class Ways {
  readonly #size: number;
  readonly #habits: UploadHabits;
  /** The habits as this blob found them; they become the registry's once they have worked. */
  readonly #found: UploadHabits;
  /** The refusal of the first way, which should have worked. */
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

  /** Learns from a refusal of content. Returns whether another way is left. @throws when none is left */
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

  /** This way worked, so the next blob starts with it. */
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
