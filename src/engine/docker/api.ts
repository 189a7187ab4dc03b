import type { ClientRequest, IncomingMessage, RequestOptions } from 'node:http';
import { pipeline } from 'node:stream/promises';
import type { ByteStream } from '../../internal/bytes.ts';
import { messageOf, SaddlebagError, systemCode } from '../../internal/error.ts';
import { throwIfInterrupted } from '../../internal/interrupt.ts';
import type { WaitOptions } from '../../oci/roles.ts';
import { watchedInput } from '../watched-input.ts';

/** Ceiling (bytes) of an answer; a load answers with some lines for each layer. */
const ANSWER_LIMIT = 4 * 1024 * 1024;

export interface ApiRequest extends WaitOptions {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** Path and query. */
  readonly path: string;
  /** A tar. */
  readonly body?: ByteStream | undefined;
}

/** A request whose answer is no document. */
export interface StreamRequest extends WaitOptions {
  /** Path and query. */
  readonly path: string;
  /** Returns the error for an answer that is not 200. */
  readonly onRefusal: (answer: ApiAnswer) => SaddlebagError;
}

export interface ApiAnswer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly text: string;
}

/**
 * Sends a request to an engine over its socket, and returns the whole answer. There is no limit of time: unpacking an image takes
 * an engine minutes in which it says nothing.
 *
 * @throws `ERR_TARGET_FAILED` when the connection cannot be made or ends; `ERR_INTERRUPTED`; what the body throws
 */
export async function askEngine(
  socket: string,
  { method, path, body, signal }: ApiRequest,
): Promise<ApiAnswer> {
  throwIfInterrupted(signal);
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  // The host is no name that is looked up: the socket is where it goes.
  const headers =
    body === undefined ? { host: 'localhost' } : { host: 'localhost', 'content-type': 'application/x-tar' };
  const outgoing = await beginRequest({ socketPath: socket, method, path, headers, signal });
  outgoing.once('response', resolve);
  outgoing.on('error', reject);
  const input = body === undefined ? undefined : watchedInput(body);
  if (input === undefined) outgoing.end();
  // An engine that refuses answers before it has read everything; only what it says counts, and an error of the content itself.
  else pipeline(input.stream, outgoing, { signal }).catch(reject);
  try {
    return await readAnswer(await promise);
  } catch (error) {
    throwIfInterrupted(signal);
    throw input?.fault() ?? connectionError(socket, error);
  } finally {
    outgoing.destroy();
  }
}

/**
 * Sends a request to an engine over its socket, and yields the body of its answer as it comes. There is no limit of time.
 *
 * @throws `ERR_TARGET_FAILED` when the connection cannot be made or ends, or the engine refuses; `ERR_INTERRUPTED`
 */
export async function* streamFromEngine(
  socket: string,
  { path, onRefusal, signal }: StreamRequest,
): ByteStream {
  throwIfInterrupted(signal);
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const outgoing = await beginRequest({
    socketPath: socket,
    method: 'GET',
    path,
    headers: { host: 'localhost' },
    signal,
  });
  outgoing.once('response', resolve);
  outgoing.on('error', reject);
  outgoing.end();
  let refusal: SaddlebagError | undefined;
  try {
    const response = await promise;
    if (response.statusCode !== 200) refusal = onRefusal(await readAnswer(response));
    else for await (const chunk of response) if (chunk instanceof Uint8Array) yield chunk;
  } catch (error) {
    throwIfInterrupted(signal);
    throw connectionError(socket, error);
  } finally {
    outgoing.destroy();
  }
  throwIfInterrupted(signal);
  if (refusal !== undefined) throw refusal;
}

/** To import this module costs as much as half the start of the program, so who asks no engine does without. */
async function beginRequest(options: RequestOptions): Promise<ClientRequest> {
  const { request } = await import('node:http');
  return request(options);
}

async function readAnswer(response: IncomingMessage): Promise<ApiAnswer> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response) {
    if (!(chunk instanceof Uint8Array)) continue;
    length += chunk.length;
    if (length > ANSWER_LIMIT) throw new Error(`the answer has more than ${ANSWER_LIMIT} bytes`);
    chunks.push(chunk);
  }
  const text = Buffer.concat(chunks).toString('utf8');
  return { status: response.statusCode ?? 0, headers: response.headers, text };
}

/** What the system says of a socket, for people. */
const FACTS: Readonly<Record<string, string>> = {
  ENOENT: 'nothing is there',
  ECONNREFUSED: 'nobody listens there',
  EACCES: 'this user may not use it',
  ENOTSOCK: 'it is no socket',
  ECONNRESET: 'the engine ended the connection',
  EPIPE: 'the engine ended the connection',
};

function connectionError(socket: string, cause: unknown): SaddlebagError {
  const code = systemCode(cause);
  const fact = FACTS[code ?? ''] ?? messageOf(cause);
  return new SaddlebagError('ERR_TARGET_FAILED', `Cannot talk to the engine at "${socket}": ${fact}`, {
    hint:
      code === 'EACCES'
        ? 'Run the command as a user who may, or with sudo.'
        : 'Start the engine, or name its socket, as in docker=/run/docker.sock.',
    cause,
  });
}
