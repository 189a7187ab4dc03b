import type { ServerResponse } from 'node:http';

/** The client disconnected or stopped reading. The served content is not at fault. */
export class ClientGoneError extends Error {
  constructor(fact: string) {
    super(`Cannot send the answer: ${fact}`);
    this.name = 'ClientGoneError';
  }
}

/**
 * Writes a chunk to the socket and returns once the system has taken it, so the buffer can be reused.
 *
 * @throws {@link ClientGoneError}, also when the client has not taken the chunk within `stallLimit` (milliseconds)
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
