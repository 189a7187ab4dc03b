import type { Dispatcher } from 'undici';
import { streamOf } from '../bytes.ts';
import { throwIfInterrupted } from '../interrupt.ts';
import type { Route } from './dispatcher.ts';
import type { HttpHeaders, HttpRequest, HttpResponse } from './http.ts';
import { incomingBody } from './incoming.ts';
import { type Attempt, networkError } from './network-error.ts';
import { openBody } from './outgoing.ts';
import type { Hop } from './redirect.ts';
import { unlessInterrupted } from './wait.ts';

/** Bytes read ahead of a slow reader. */
const READ_AHEAD = 256 * 1024;
/** An upload is answered when the server has stored it, which takes longer than to begin an answer. */
const UPLOAD_PATIENCE = 4;

export interface ExchangeOptions {
  /** Seconds without a byte. */
  readonly silenceTimeout: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Sends one request and returns its answer, whatever the status. `place` is given back when the answer has been read or
 * disposed of, or when there is none.
 *
 * @throws `ERR_NETWORK_FAILED`, `ERR_NETWORK_TIMEOUT`, `ERR_INTERRUPTED`, and what the source of a streamed body throws
 */
export async function exchange(
  route: Route & { readonly answered: boolean },
  hop: Hop & Pick<HttpRequest, 'body' | 'bodyLength'>,
  options: ExchangeOptions & { readonly place: AsyncDisposable },
): Promise<HttpResponse> {
  const attempt: Attempt = {
    method: hop.method,
    url: hop.url,
    proxy: route.proxy,
    answered: route.answered,
  };
  const { signal, place } = options;
  const silence = Math.round(options.silenceTimeout * 1000);
  const outgoing = hop.body === undefined ? undefined : openBody(hop.body, hop.bodyLength);
  try {
    throwIfInterrupted(signal);
    const answer = await unlessInterrupted(
      route.dispatcher.request({
        origin: hop.url.origin,
        path: `${hop.url.pathname}${hop.url.search}`,
        method: hop.method,
        headers: { ...hop.headers, ...outgoing?.headers },
        body: outgoing?.content ?? null,
        bodyTimeout: silence,
        headersTimeout: outgoing === undefined ? silence : silence * UPLOAD_PATIENCE,
        highWaterMark: READ_AHEAD,
        signal: signal ?? null,
      }),
      (late) => late.body.on('error', () => undefined).destroy(),
      signal,
    );
    return receive(answer, { ...attempt, answered: true }, options);
  } catch (error) {
    await place[Symbol.asyncDispose]();
    throwIfInterrupted(signal);
    throw outgoing?.failure() ?? networkError(error, attempt);
  }
}

function receive(
  answer: Dispatcher.ResponseData,
  attempt: Attempt,
  options: ExchangeOptions & { readonly place: AsyncDisposable },
): HttpResponse {
  const headers = joinHeaders(answer.headers);
  const isEmpty = attempt.method === 'HEAD' || answer.statusCode === 204 || answer.statusCode === 304;
  const body = incomingBody(answer.body, attempt, { ...options, length: isEmpty ? 0 : lengthOf(headers) });
  return {
    status: answer.statusCode,
    headers,
    url: String(attempt.url),
    body: isEmpty ? streamOf(Buffer.alloc(0)) : body.content,
    [Symbol.asyncDispose]: body.discard,
  };
}

function joinHeaders(headers: Dispatcher.ResponseData['headers']): HttpHeaders {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value = '']) => [
      name.toLowerCase(),
      typeof value === 'string' ? value : value.join(', '),
    ]),
  );
}

function lengthOf(headers: HttpHeaders): number | undefined {
  const length = headers['content-length'];
  return length !== undefined && /^\d+$/.test(length) ? Number(length) : undefined;
}
