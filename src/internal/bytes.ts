/** Content as it flows: chunks of bytes, pulled by whoever reads. */
export type ByteStream = AsyncIterable<Uint8Array>;

export interface StreamOptions {
  /**
   * Says that the reader is done with a chunk when it asks for the third one after it, so that its memory may be used
   * again: fresh memory for every chunk of a large content is mostly work for the collector. Otherwise a chunk is the
   * reader's for good.
   */
  readonly recycle?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Yields `bytes` as one chunk, from `offset` (bytes) on. */
export async function* streamOf(bytes: Uint8Array, offset = 0): ByteStream {
  if (offset < bytes.length) yield bytes.subarray(offset);
}

/** Returns the whole stream in memory: for documents only, with `limit` (bytes) as a ceiling and `onExcess` for what to throw. */
export async function collectBytes(
  stream: ByteStream,
  options: { readonly limit: number; readonly onExcess: () => Error },
): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of stream) {
    length += chunk.length;
    if (length > options.limit) throw options.onExcess();
    chunks.push(chunk);
  }
  return chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks, length);
}

/** Returns whether two byte strings are the same. */
export function equalBytes(left: Uint8Array, right: Uint8Array): boolean {
  return Buffer.compare(left, right) === 0;
}
