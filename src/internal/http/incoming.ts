import type { Dispatcher } from 'undici';
import type { ByteStream } from '../bytes.ts';
import { throwIfInterrupted } from '../interrupt.ts';
import { type Attempt, networkError } from './network-error.ts';

/** Bytes worth reading to keep the connection of an answer that nobody wants. */
const DRAIN_LIMIT = 64 * 1024;
/** Milliseconds worth waiting for them. */
const DRAIN_PATIENCE = 1000;

/** The body of an answer, to be read once or discarded. */
export interface IncomingBody {
  readonly content: ByteStream;
  readonly discard: () => Promise<void>;
}

export interface IncomingBodyOptions {
  /** At the gate of the host. */
  readonly place: AsyncDisposable;
  /** Bytes announced. */
  readonly length: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Returns the body of an answer. `place` is given back as soon as the connection is done with it, however that ends. */
export function incomingBody(
  raw: Dispatcher.ResponseData['body'],
  attempt: Attempt,
  { place, length, signal }: IncomingBodyOptions,
): IncomingBody {
  const { promise: closed, resolve } = Promise.withResolvers<void>();
  raw.once('close', () => {
    resolve(place[Symbol.asyncDispose]());
  });
  // Whoever reads is told of errors below; without a reader there is nobody to tell.
  raw.on('error', () => undefined);
  if (length === 0) raw.resume();
  return {
    content: read(raw, attempt, signal),
    discard: async () => {
      if (length !== undefined && length > DRAIN_LIMIT) raw.destroy();
      else if (!raw.closed) await drain(raw);
      await closed;
    },
  };
}

async function* read(
  raw: Dispatcher.ResponseData['body'],
  attempt: Attempt,
  signal: AbortSignal | undefined,
): ByteStream {
  const chunks: AsyncIterable<Uint8Array> = raw;
  try {
    yield* chunks;
  } catch (error) {
    throwIfInterrupted(signal);
    throw networkError(error, attempt);
  }
}

/** Reads to the end of a short answer, so that its connection can serve again; cuts anything else off. */
async function drain(raw: Dispatcher.ResponseData['body']): Promise<void> {
  try {
    await raw.dump({ limit: DRAIN_LIMIT, signal: AbortSignal.timeout(DRAIN_PATIENCE) });
  } catch {
    raw.destroy();
  }
}
