import { Readable } from 'node:stream';
import type { ByteStream } from '../bytes.ts';
import type { HttpHeaders, HttpRequest } from './http.ts';
import type { Watch } from './watch/watcher.ts';

/** Bytes handed to the socket at once: few enough that even a slow line shows progress within the time-out. */
const PIECE = 256 * 1024;

/** The body of one try of a request. */
export interface OutgoingBody {
  readonly content: Uint8Array | Readable;
  readonly headers: HttpHeaders;
  /** Returns the error that the source of the bytes threw, which is not the network's fault. */
  readonly failure: () => Error | undefined;
  /** Releases the source. */
  readonly end: () => void;
}

/** Returns the body for one try; a streamed one is read from its start. */
export function openBody(
  body: NonNullable<HttpRequest['body']>,
  { length, watch }: { readonly length?: number | undefined; readonly watch?: Watch | undefined } = {},
): OutgoingBody {
  if (typeof body !== 'function') return wholeBody(body);
  // undici cannot tell an empty stream from one of unknown length.
  if (length === 0) return wholeBody(Buffer.alloc(0));
  let failure: Error | undefined;
  const source = watched(body, (error) => {
    failure = error;
  });
  const content = Readable.from(pieces(source, watch), { highWaterMark: 2 });
  // The sender receives errors; once it is gone, nobody needs them.
  content.on('error', () => undefined);
  return {
    content,
    headers: length === undefined ? {} : lengthHeader(length),
    failure: () => failure,
    end: () => void content.destroy(),
  };
}

function wholeBody(content: Uint8Array): OutgoingBody {
  return { content, headers: lengthHeader(content.length), failure: () => undefined, end: () => undefined };
}

/** While the source is read, nobody waits for the host. */
async function* pieces(source: ByteStream, watch: Watch | undefined): ByteStream {
  watch?.rests();
  for await (const chunk of source) {
    for (let start = 0; start < chunk.length; start += PIECE) {
      watch?.waits('send');
      yield chunk.subarray(start, start + PIECE);
      watch?.rests();
    }
  }
  watch?.waits('answer');
}

/** A separate generator: an error that the socket throws into the reader arrives here as a plain early return. */
async function* watched(open: () => ByteStream, onFailure: (error: Error) => void): ByteStream {
  try {
    yield* open();
  } catch (error) {
    const failure = error instanceof Error ? error : new Error(String(error));
    onFailure(failure);
    throw failure;
  }
}

function lengthHeader(length: number): HttpHeaders {
  return { 'content-length': String(length) };
}
