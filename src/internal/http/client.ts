import { type Clock, SYSTEM_CLOCK } from './watch/clock.ts';
import { factOf, SaddlebagError } from '../error.ts';
import { download, type DownloadOptions } from './download.ts';
import { exchange } from './exchange.ts';
import type { HttpClient, HttpRequest, HttpResponse, TlsSettings } from './http.ts';
import { Origins } from './origins.ts';
import type { Environment } from './route/proxy.ts';
import { parseQuota, type Quota } from './quota.ts';
import { redactUrl } from './redact.ts';
import { dropSecrets, type Hop, isRedirect, mayHaveExpired, nextHop, tooManyHops } from './redirect.ts';
import { type Backoff, pauseFor, retry, type RetryOptions, Tries, TRANSIENT_STATUSES } from './retry.ts';
import { HttpStatusError, statusError } from './status.ts';
import type { NetworkNotice, TryCount } from './watch/notice.ts';
import { Watcher } from './watch/watcher.ts';

/** A host asks for a pause. */
export interface WaitNotice {
  /** Host with its port. */
  readonly host: string;
  readonly seconds: number;
  readonly status: number;
  /** Whether its quota is used up; otherwise it is merely busy. */
  readonly isQuota: boolean;
}

export interface HttpClientOptions {
  /** Environment that names proxies; none when left out. */
  readonly env?: Environment | undefined;
  /** Requests in flight to one origin, until their answers are read; what `host.ts` says when left out. */
  readonly concurrencyPerHost?: number | undefined;
  /** Returns the TLS settings for an origin; called once for each. */
  readonly tls?: ((origin: string) => TlsSettings | undefined) | undefined;
  /** Retries; 5 when left out. */
  readonly retries?: number | undefined;
  /** Seconds of silence after which a connection counts as dead; 30 when left out. */
  readonly silenceTimeout?: number | undefined;
  /** Seconds between retries; 0.5 doubled up to 30 when left out. */
  readonly backoff?: Backoff | undefined;
  /** A monotonic clock (milliseconds), used to detect a sender that is too slow. */
  readonly now?: (() => number) | undefined;
  /** Called once for each pause that a host asks for. */
  readonly onWait?: ((notice: WaitNotice) => void) | undefined;
  /** Called once for each host whose quota is nearly used up. */
  readonly onQuota?: ((notice: Quota & { readonly host: string }) => void) | undefined;
  /** Called with what keeps requests waiting: silences, and waits before another try. Pauses go to `onWait`. */
  readonly onNotice?: ((notice: NetworkNotice) => void) | undefined;
  /** The clock by which hosts are silent; the system's when left out. */
  readonly clock?: Clock | undefined;
  /** Ends everything in flight. */
  readonly signal?: AbortSignal | undefined;
}

/** A request with the signal that ends it in every way. */
type Request = HttpRequest & { readonly signal: AbortSignal };

const HOP_LIMIT = 10;
/** How often to ask again for an address that another host refused. */
const RENEWALS = 2;
/** Seconds to establish a connection. */
const CONNECT_TIMEOUT = 10;
/** Statuses of a host that has more requests than it takes; nginx answers 503 at its limit of connections. */
const OVERFLOW_STATUSES: ReadonlySet<number> = new Set([429, 503]);

/** Returns a client with its own connections; dispose of it to close them and to end what is in flight. */
export function createHttpClient(options: HttpClientOptions = {}): HttpClient {
  const {
    env = {},
    concurrencyPerHost,
    tls,
    retries = 5,
    silenceTimeout = 30,
    now = () => performance.now(),
    onWait,
    onQuota,
    onNotice,
    clock = SYSTEM_CLOCK,
  } = options;
  const backoff = options.backoff ?? { base: 0.5, max: 30 };
  const connectTimeout = Math.min(CONNECT_TIMEOUT, silenceTimeout);
  const origins = new Origins({ env, tls, connectTimeout, concurrency: concurrencyPerHost });
  const closing = new AbortController();
  const signals = new JoinedSignals(anyOf(closing.signal, options.signal));
  const watcher = onNotice === undefined ? undefined : new Watcher(clock, onNotice);
  const onRetryOf =
    (url: string): RetryOptions['onRetry'] =>
    ({ error, seconds, ...count }) =>
      onNotice?.({
        type: 'retry',
        host: hostOf(error, url),
        seconds: Math.ceil(seconds),
        reason: factOf(error),
        ...count,
      });

  async function request(url: string, request: HttpRequest = {}, outer?: Tries): Promise<HttpResponse> {
    const signal = signals.with(request.signal);
    const first = firstHop(url, request);
    const asked: Request = { ...request, signal };
    for (let renewals = 0; ; renewals++) {
      const response = await retry((own) => follow(first, asked, own), {
        retries: request.retries ?? retries,
        isHasty: request.isHasty,
        backoff,
        outer,
        signal,
        onRetry: onRetryOf(url),
      });
      if (renewals === RENEWALS || !mayHaveExpired(first, response)) return response;
      await response[Symbol.asyncDispose]();
    }
  }

  async function follow(first: Hop, request: Request, tries: Tries): Promise<HttpResponse> {
    let hop = first;
    for (let hops = 0; hops <= HOP_LIMIT; hops++) {
      const response = await ask(hop, request, tries.count());
      if (!isRedirect(response.status, hop.method)) return response;
      const next = await onFailure(() => nextHop(hop, response), response);
      if (next === undefined) return response;
      await response[Symbol.asyncDispose]();
      hop = next;
    }
    throw tooManyHops(first, HOP_LIMIT);
  }

  async function ask(hop: Hop, request: Request, count: TryCount): Promise<HttpResponse> {
    const { signal } = request;
    const { route, host } = origins.of(hop.url);
    const place = await host.enter({ weight: request.weight, signal });
    const { body, bodyLength, lease } = request;
    const watch = watcher?.watch({ host: hop.url.host, ...count });
    const response = await exchange(
      { ...route, host },
      {
        ...hop,
        body,
        bodyLength,
      },
      {
        silenceTimeout: Math.min(request.patience ?? silenceTimeout, silenceTimeout),
        now,
        lease,
        signal,
        place,
        watch,
      },
    );
    if (OVERFLOW_STATUSES.has(response.status)) host.overflowed(place);
    else host.took();
    const quota = parseQuota(response.headers);
    if (quota !== undefined && host.runsLow(quota)) onQuota?.({ host: hop.url.host, ...quota });
    const { status } = response;
    const { pauseOf } = request;
    if (!TRANSIENT_STATUSES.has(status) && (pauseOf === undefined || status < 400)) return response;
    await using refused = response;
    const error = await statusError(refused, hop, { pauseOf });
    obey(error, hop.url);
    throw error;
  }

  /** A pause that is too long fails at once instead of starting. */
  function obey(error: HttpStatusError, url: URL): void {
    const pause = pauseFor(error);
    if (pause === undefined) return;
    const isNews = origins.of(url).host.pause(pause.seconds);
    if (isNews) onWait?.({ host: url.host, status: error.status, ...pause });
  }

  return {
    request,
    download: (url, wanted = {}) => {
      const { offset, headers, weight, isHasty, hasDigest, lease } = wanted;
      const signal = signals.with(wanted.signal);
      const tries = new Tries({ retries, isHasty, backoff, signal, onRetry: onRetryOf(url) });
      const all: Required<DownloadOptions> = {
        offset,
        headers,
        weight,
        isHasty,
        hasDigest,
        lease,
        signal,
        tries,
      };
      return download((from, asked) => request(from, asked, tries), url, all);
    },
    [Symbol.asyncDispose]: async () => {
      // The signal ends waits too: nothing is sent after it, and no caller is left waiting.
      closing.abort(new Error('the HTTP client was closed'));
      watcher?.[Symbol.dispose]();
      await origins[Symbol.asyncDispose]();
    },
  };
}

/** Where an error is from: after a redirect, that is another host than the one that was asked first. */
function hostOf(error: unknown, url: string): string {
  const at = error instanceof HttpStatusError ? error.url : url;
  return URL.parse(at)?.host ?? '';
}

function firstHop(text: string, { method = 'GET', headers = {}, isPrivate }: HttpRequest): Hop {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol))
    throw new SaddlebagError(
      'ERR_USAGE_INVALID',
      `Cannot fetch "${redactUrl(text)}": it is not an http or https URL`,
    );
  const all: Record<string, string | readonly string[]> = { 'user-agent': 'saddlebag' };
  const authorization = basicAuthorization(url);
  if (authorization !== undefined) all['authorization'] = authorization;
  for (const name of Object.keys(headers)) all[name.toLowerCase()] = headers[name] ?? '';
  // A digest covers the bytes exactly as they are on the server.
  all['accept-encoding'] = 'identity';
  dropSecrets(url);
  return { method, url, headers: all, isPrivate };
}

/** User and password in a URL are for its origin only. */
function basicAuthorization({ username, password }: URL): string | undefined {
  if (username === '' && password === '') return undefined;
  const pair = `${unescapePercent(username)}:${unescapePercent(password)}`;
  return `Basic ${Buffer.from(pair).toString('base64')}`;
}

async function onFailure<T>(task: () => T, response: HttpResponse): Promise<T> {
  try {
    return task();
  } catch (error) {
    await response[Symbol.asyncDispose]();
    throw error;
  }
}

/** A lone percent sign in a password stands for itself. */
function unescapePercent(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/**
 * Returns one signal for each combination. Thousands of requests share the same few signals, and a combined signal keeps all
 * its listeners until a full garbage collection.
 */
class JoinedSignals {
  readonly #own: AbortSignal;
  readonly #known = new WeakMap<AbortSignal, AbortSignal>();

  constructor(own: AbortSignal) {
    this.#own = own;
    this.#known.set(own, own);
  }

  with(signal: AbortSignal | undefined): AbortSignal {
    if (signal === undefined) return this.#own;
    const known = this.#known.get(signal);
    if (known !== undefined) return known;
    const joined = AbortSignal.any([this.#own, signal]);
    this.#known.set(signal, joined);
    // A download passes the joined signal on to each of its requests.
    this.#known.set(joined, joined);
    return joined;
  }
}

function anyOf(...signals: readonly (AbortSignal | undefined)[]): AbortSignal {
  return AbortSignal.any(signals.filter((signal) => signal !== undefined));
}
