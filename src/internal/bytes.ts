import type { Lease } from './lease.ts';

/** A stream of content: chunks of bytes, pulled by the reader. */
export type ByteStream = AsyncIterable<Uint8Array>;

export interface StreamOptions {
  /**
   * Lets the source use the memory of chunks again, as the lease says: allocating every chunk of a large stream afresh is mostly
   * work for the garbage collector. Without it, chunks are the reader's to keep.
   */
  readonly lease?: Lease | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** About so much text is encoded at once (characters). */
const TOGETHER = 64 * 1024;

/** Yields texts as UTF-8, short ones together. */
export function* encoded(texts: Iterable<string>): Generator<Uint8Array, void, undefined> {
  let held: string[] = [];
  let length = 0;
  for (const text of texts) {
    held.push(text);
    length += text.length;
    if (length < TOGETHER) continue;
    yield Buffer.from(held.join(''));
    [held, length] = [[], 0];
  }
  if (length > 0) yield Buffer.from(held.join(''));
}

/** Yields `bytes` as one chunk, starting at `offset` (bytes). */
export async function* streamOf(bytes: Uint8Array, offset = 0): ByteStream {
  if (offset < bytes.length) yield bytes.subarray(offset);
}

export interface CollectOptions {
  /** The ceiling (bytes). */
  readonly limit: number;
  /** Returns the error to throw above it. */
  readonly onExcess: () => Error;
  /** How many bytes there probably are: then memory is taken once, and each chunk is copied at once. */
  readonly size?: number | undefined;
}

/** Returns the whole stream in memory, for documents only. */
export async function collectBytes(stream: ByteStream, options: CollectOptions): Promise<Uint8Array> {
  if (options.size !== undefined)
    return await collectInto(Buffer.alloc(Math.min(options.size, options.limit)), stream, options);
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of stream) {
    length += chunk.length;
    if (length > options.limit) throw options.onExcess();
    chunks.push(chunk);
  }
  return joined(chunks, length);
}

async function collectInto(memory: Buffer, stream: ByteStream, options: CollectOptions): Promise<Uint8Array> {
  let whole = memory;
  let length = 0;
  for await (const chunk of stream) {
    const end = length + chunk.length;
    if (end > options.limit) throw options.onExcess();
    if (end > whole.length) whole = Buffer.concat([whole], Math.min(2 * end, options.limit));
    whole.set(chunk, length);
    length = end;
  }
  return whole.subarray(0, length);
}

/**
 * Returns chunks as one, in memory of its own. A small chunk is often a part of a much larger piece of memory, of which whoever keeps
 * the chunk would keep all.
 */
function joined(chunks: readonly Uint8Array[], length: number): Uint8Array {
  const [only] = chunks;
  if (chunks.length === 1 && only?.length === only?.buffer.byteLength && only !== undefined) return only;
  // Not out of a slab.
  const whole = Buffer.alloc(length);
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}

/** Returns whether two byte strings are equal. */
export function equalBytes(left: Uint8Array, right: Uint8Array): boolean {
  return Buffer.compare(left, right) === 0;
}
