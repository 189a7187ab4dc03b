import type { ByteStream } from '../bytes.ts';
import { Lease } from '../lease.ts';
import type { HttpHeaders, HttpRequest } from './http.ts';
import type { Watch } from './watch/watcher.ts';

/** Bytes handed to the socket at once: few enough that even a slow line shows progress within the time-out. */
const PIECE = 256 * 1024;
/** A line that takes a piece within this time (milliseconds) gets whole chunks. */
const QUICK = 50;
/** Bytes that a socket takes in before it asks to wait; its own mark is 64 KiB, and lower on some systems. */
const QUEUED = 64 * 1024;

/** The body of one try of a request. */
export interface OutgoingBody {
  readonly content: Uint8Array | ByteStream;
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
  const onFailure = (error: Error): void => {
    failure = error;
  };
  const content = pieces(body, { watch, onFailure });
  return {
    content,
    headers: length === undefined ? {} : lengthHeader(length),
    failure: () => failure,
    // The sender receives errors; once it is gone, nobody needs them.
    end: () => void content.return().catch(() => undefined),
  };
}

function wholeBody(content: Uint8Array): OutgoingBody {
  return { content, headers: lengthHeader(content.length), failure: () => undefined, end: () => undefined };
}

/**
 * Yields a body as the sender takes it: undici asks for the next piece once the socket has written the one before. So the source has
 * memory for one chunk on loan. While the source is read, nobody waits for the host.
 */
async function* pieces(
  open: (lease: Lease) => ByteStream,
  { watch, onFailure }: { readonly watch: Watch | undefined; readonly onFailure: (error: Error) => void },
): AsyncGenerator<Uint8Array, void, void> {
  const lease = new Lease({ chunks: 1 });
  watch?.rests();
  let size = PIECE;
  for await (const chunk of watched(open(lease), onFailure)) {
    for (let start = 0; start < chunk.length;) {
      const piece = chunk.subarray(start, start + size);
      start += piece.length;
      const began = performance.now();
      watch?.waits('send');
      // The socket only waits for what is more than it takes in: anything less may lie there for a while.
      yield piece.length > QUEUED ? piece : Uint8Array.from(piece);
      watch?.rests();
      size = performance.now() - began < QUICK ? Math.max(PIECE, chunk.length) : PIECE;
    }
    lease.release();
  }
  lease.end();
  watch?.waits('answer');
}

/** A separate generator: what the sender does to the pieces is no failure of their source. */
async function* watched(source: ByteStream, onFailure: (error: Error) => void): ByteStream {
  try {
    yield* source;
  } catch (error) {
    const failure = error instanceof Error ? error : new Error(String(error));
    onFailure(failure);
    throw failure;
  }
}

function lengthHeader(length: number): HttpHeaders {
  return { 'content-length': String(length) };
}
