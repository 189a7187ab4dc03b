import { type Dispatcher, errors } from 'undici';
import { type ByteStream, streamOf } from '../bytes.ts';
import { interrupted, throwIfInterrupted } from '../interrupt.ts';
import type { Lease } from '../lease.ts';
import type { Route } from './route/open.ts';
import type { HttpHeaders, HttpRequest, HttpResponse, RequestHeaders } from './http.ts';
import { type AnswerHead, IncomingAnswer } from './incoming.ts';
import { type Attempt, networkError } from './network-error.ts';
import { openBody } from './outgoing.ts';
import type { Host, Place } from './host.ts';
import type { Hop } from './redirect.ts';
import type { Watch } from './watch/watcher.ts';

/** The body of an answer without one. */
const NOTHING: ByteStream = {
  [Symbol.asyncIterator]: () => streamOf(new Uint8Array())[Symbol.asyncIterator](),
};
/** The answer to an upload comes only once the server has stored it, so it takes longer than others. */
const UPLOAD_PATIENCE = 4;

/**
 * A request as undici takes it. Its types leave out that a body may be an iterable of pieces, which its documentation has, and that
 * lists of header lines are only read.
 */
interface Sent extends Omit<Dispatcher.DispatchOptions, 'body' | 'headers'> {
  readonly body?: Dispatcher.DispatchOptions['body'] | ByteStream;
  readonly headers?: Dispatcher.DispatchOptions['headers'] | RequestHeaders;
}

interface Sender {
  dispatch(sent: Sent, answer: IncomingAnswer): boolean;
}

export interface ExchangeOptions {
  /** Seconds of silence. */
  readonly silenceTimeout: number;
  /** A monotonic clock (milliseconds), to measure the rate of an answer. */
  readonly now: () => number;
  /** See `StreamOptions`; for the body of the answer. */
  readonly lease?: Lease | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Learns when the other side is waited for. */
  readonly watch?: Watch | undefined;
}

/**
 * Sends one request and returns its answer, whatever the status. `place` is given back once the answer has been read or
 * disposed of, or when there is none.
 *
 * @throws `ERR_NETWORK_FAILED`, `ERR_NETWORK_TIMEOUT`, `ERR_INTERRUPTED`, and what the source of a streamed body throws
 */
export async function exchange(
  { dispatcher, proxy, memory, bulk, host }: Route & { readonly host: Host },
  hop: Hop & Pick<HttpRequest, 'body' | 'bodyLength'>,
  options: ExchangeOptions & { readonly place: Place },
): Promise<HttpResponse> {
  const attempt: Attempt = {
    method: hop.method,
    url: hop.url,
    proxy,
    answered: host.answered,
  };
  const { signal, place, watch, lease } = options;
  const silence = Math.round(options.silenceTimeout * 1000);
  const outgoing = hop.body === undefined ? undefined : openBody(hop.body, { length: hop.bodyLength, watch });
  const answer = new IncomingAnswer({
    now: options.now,
    signal,
    watch,
    onHandedOn: lease === undefined ? undefined : memory?.takingBack(lease),
    // A streamed body then says itself when it waits for the other side to take it.
    onStart: () => watch?.waits('answer'),
    onClose: () => {
      outgoing?.end();
      place.leave();
    },
  });
  try {
    throwIfInterrupted(signal);
    const sent: Sent = {
      origin: hop.url.origin,
      path: `${hop.url.pathname}${hop.url.search}`,
      method: hop.method,
      headers: outgoing === undefined ? hop.headers : { ...hop.headers, ...outgoing.headers },
      body: outgoing?.content ?? null,
      bodyTimeout: silence,
      headersTimeout: outgoing === undefined ? silence : silence * UPLOAD_PATIENCE,
    };
    // By default, undici closes the connection after every HEAD, in case a server sends a body anyway.
    if (hop.method === 'HEAD') sent.reset = host.isGarbled;
    watch?.waits('connect');
    const sender: Sender = dispatcher;
    const send = (): unknown => sender.dispatch(sent, answer);
    const landing = hop.method === 'GET' && outgoing === undefined ? lease?.landing : undefined;
    const times = { headersTimeout: silence, bodyTimeout: silence };
    const get = { path: sent.path, headers: hop.headers, ...times };
    if (landing === undefined || bulk?.dispatch({ ...get, answer, landing }, send) !== true) send();
    const head = await answer.head;
    host.answered = true;
    return receive(answer, head, { ...attempt, answered: true }, signal);
  } catch (error) {
    if (error instanceof errors.HTTPParserError) host.isGarbled = true;
    // A firewall that counts connections cuts off what is too much.
    if (host.answered && isCutOff(error)) host.overflowed(place);
    outgoing?.end();
    watch?.rests();
    place.leave();
    throwIfInterrupted(signal);
    throw outgoing?.failure() ?? networkError(error, attempt);
  }
}

function receive(
  answer: IncomingAnswer,
  { status, headers: received }: AnswerHead,
  attempt: Attempt,
  signal: AbortSignal | undefined,
): HttpResponse {
  const headers = joinHeaders(received);
  const failure = (error: unknown): unknown =>
    signal?.aborted === true ? interrupted(signal) : networkError(error, attempt);
  const isEmpty = attempt.method === 'HEAD' || status === 204 || status === 304;
  return {
    status,
    headers,
    url: String(attempt.url),
    body: isEmpty ? NOTHING : answer.content(failure),
    [Symbol.asyncDispose]: () => answer.discard(isEmpty ? 0 : lengthOf(headers)),
  };
}

function isCutOff(error: unknown): boolean {
  return (
    error instanceof errors.SocketError ||
    (error instanceof Error && 'code' in error && error.code === 'ECONNRESET')
  );
}

function joinHeaders(received: AnswerHead['headers']): HttpHeaders {
  const headers: Record<string, string> = {};
  for (const name of Object.keys(received)) {
    const value = received[name] ?? '';
    headers[name.toLowerCase()] = typeof value === 'string' ? value : value.join(', ');
  }
  return headers;
}

function lengthOf(headers: HttpHeaders): number | undefined {
  const length = headers['content-length'];
  return length !== undefined && /^\d+$/.test(length) ? Number(length) : undefined;
}
