import type { ByteStream } from '../bytes.ts';

/** Milliseconds of waiting between checks of the rate. */
const WINDOW = 30_000;
/** Bytes that must arrive in that time: 128 a second, far below a modem line shared by eight transfers. */
const LEAST = 128 * (WINDOW / 1000);

/** The sender keeps the connection alive but makes no real progress. */
export class TooSlowError extends Error {
  constructor() {
    super(`the server sent less than ${LEAST} bytes in ${WINDOW / 1000} seconds`);
    this.name = 'TooSlowError';
  }
}

/**
 * Passes a stream on. Counts only the time the reader spends waiting, so a slow reader is not held against the sender.
 *
 * @throws {@link TooSlowError} when hardly anything comes
 */
export async function* atLeastRate(source: ByteStream, now: () => number): ByteStream {
  const chunks = source[Symbol.asyncIterator]();
  let waited = 0;
  let received = 0;
  try {
    for (;;) {
      const asked = now();
      const next = await chunks.next();
      if (next.done === true) return;
      waited += now() - asked;
      received += next.value.length;
      if (waited >= WINDOW) {
        if (received < LEAST) throw new TooSlowError();
        waited = 0;
        received = 0;
      }
      yield next.value;
    }
  } finally {
    await chunks.return?.();
  }
}
