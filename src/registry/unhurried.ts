import type { ByteStream } from '../internal/bytes.ts';
import { wait } from '../internal/http/wait.ts';

/** Seconds for a server to refuse a request by its headers alone, before the body is sent. */
const EARLY = 1;

/**
 * Yields the body of a request whose last try broke off without an answer. Some proxies refuse a request by its headers and
 * hang up, and data still being sent then hides their answer. So the first byte goes out with the headers, and the rest
 * follows after a moment.
 */
export async function* unhurried(stream: ByteStream, signal: AbortSignal | undefined): ByteStream {
  let isFirst = true;
  for await (const chunk of stream) {
    if (isFirst && chunk.length > 0) {
      yield chunk.subarray(0, 1);
      await wait(EARLY, signal);
    }
    yield isFirst ? chunk.subarray(1) : chunk;
    isFirst = isFirst && chunk.length === 0;
  }
}
