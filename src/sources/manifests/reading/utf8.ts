import type { ByteStream } from '../../../internal/bytes.ts';

/**
 * Yields text as UTF-8 without a byte order mark. UTF-16 is converted, since `>` in Windows PowerShell writes it.
 */
export async function* utf8Of(chunks: ByteStream): ByteStream {
  let decoder: TextDecoder | undefined;
  let isFirst = true;
  for await (const chunk of startingWith(chunks, 3)) {
    if (isFirst) decoder = decoderFor(chunk);
    const text = decoder === undefined ? chunk : Buffer.from(decoder.decode(chunk, { stream: true }));
    yield isFirst && decoder === undefined ? withoutMark(text) : text;
    isFirst = false;
  }
}

function decoderFor(start: Uint8Array): TextDecoder | undefined {
  const [first, second] = start;
  if (first === 0xff && second === 0xfe) return new TextDecoder('utf-16le');
  return first === 0xfe && second === 0xff ? new TextDecoder('utf-16be') : undefined;
}

function withoutMark(start: Uint8Array): Uint8Array {
  const isMarked = start[0] === 0xef && start[1] === 0xbb && start[2] === 0xbf;
  return isMarked ? start.subarray(3) : start;
}

/** Yields the same bytes, the first chunk with at least `length` of them unless there are fewer. */
export async function* startingWith(chunks: ByteStream, length: number): ByteStream {
  let start: Uint8Array | undefined = new Uint8Array();
  for await (const chunk of chunks) {
    if (start === undefined) {
      yield chunk;
      continue;
    }
    start = Buffer.concat([start, chunk]);
    if (start.length < length) continue;
    yield start;
    start = undefined;
  }
  if (start !== undefined && start.length > 0) yield start;
}
