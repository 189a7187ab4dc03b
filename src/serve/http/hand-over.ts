import type { ServerResponse } from 'node:http';

/** The client went away, or stopped reading. No fault of what is served. */
export class ClientGoneError extends Error {
  constructor(fact: string) {
    super(`Cannot send the answer: ${fact}`);
    this.name = 'ClientGoneError';
  }
}

/**
 * Gives a chunk to the socket and returns when the system has it: the buffer may be used again then.
 *
 * @throws {@link ClientGoneError}, also when the client has not taken it after `stallLimit` (milliseconds)
 */
export async function handOver(
  response: ServerResponse,
  chunk: Uint8Array,
  options: { readonly stallLimit: number },
): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const gone = (): void => reject(new ClientGoneError('the client closed the connection'));
  const stalled = (): void => reject(new ClientGoneError('the client does not read'));
  const timer = setTimeout(stalled, options.stallLimit);
  if (response.destroyed) gone();
  response.once('close', gone);
  response.write(chunk, (error) => (error ? gone() : resolve()));
  try {
    await promise;
  } finally {
    clearTimeout(timer);
    response.off('close', gone);
  }
}
