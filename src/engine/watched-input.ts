import { Readable } from 'node:stream';
import type { ByteStream } from '../internal/bytes.ts';

/** What is sent to an engine, and why it broke off on our side. */
export interface WatchedInput {
  readonly stream: Readable;
  /** Returns the error of the content itself: whatever the engine says then is only a consequence. */
  fault(): Error | undefined;
}

/** Returns `content` as a stream that remembers its own error. */
export function watchedInput(content: ByteStream): WatchedInput {
  let fault: Error | undefined;
  const watched = async function* (): ByteStream {
    try {
      yield* content;
    } catch (error) {
      fault = error instanceof Error ? error : new Error(String(error));
      throw fault;
    }
  };
  return { stream: Readable.from(watched()), fault: () => fault };
}
