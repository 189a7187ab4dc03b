import type { ByteStream } from '../../internal/bytes.ts';
import type { Lease } from '../../internal/lease.ts';
import type { HttpClient, RequestHeaders, HttpRequest, HttpResponse } from '../../internal/http/http.ts';
import { NetworkError } from '../../internal/http/network-error.ts';
import { TRANSIENT_STATUSES } from '../../internal/http/retry.ts';
import { HttpStatusError } from '../../internal/http/status.ts';
import { type Ask, Authorizer } from '../auth/authorizer.ts';
import type { CredentialStore } from '../credentials/credential.ts';
import type { Endpoint } from './endpoint.ts';
import { KnownAnswers } from './known.ts';
import { LookUps } from './look-ups.ts';
import { refusal, unreachable } from './refusal.ts';
import { RegistryError } from './registry-error.ts';
import { FORWARDED_HINT } from './remedy.ts';
import { SingleFlight } from './single-flight.ts';
import type { UploadHabits } from './upload-habits.ts';

export interface SessionOptions {
  readonly http: HttpClient;
  readonly credentials: CredentialStore;
  /** Milliseconds. */
  readonly now: () => number;
  /** Bytes of a blob per request; unlimited when left out. */
  readonly uploadChunk?: number | undefined;
  /** Whether others may have the same content: then this endpoint is skipped for a while when in trouble. */
  readonly hasSubstitute?: boolean | undefined;
}

/** A request to an endpoint: a path below its API root, or a full URL from one of its answers. */
export type SessionRequest = Ask &
  Pick<HttpRequest, 'method' | 'headers' | 'body' | 'bodyLength' | 'retries' | 'patience' | 'weight'> & {
    readonly path: string;
  };

/** How long (milliseconds) to avoid a host that was unreachable or in trouble. */
const ABSENCE_MS = 30_000;
/** How long (seconds) to avoid it at most if it names a time itself. */
const REST_LIMIT = 15 * 60;

/** This process's state with one endpoint: its scheme, its challenge, its tokens. */
export class Session {
  readonly endpoint: Endpoint;
  readonly lookUps: LookUps = new LookUps();
  readonly known: KnownAnswers = new KnownAnswers();
  readonly uploads: UploadHabits;
  /** How many callers insist on it despite its trouble, because no other endpoint has an answer. */
  patience = 0;
  readonly #http: HttpClient;
  readonly #now: () => number;
  readonly #authorizer: Authorizer;
  readonly #greeting = new SingleFlight<string>();
  readonly #hasSubstitute: boolean;
  #root: string | undefined;
  #absence: { readonly error: NetworkError | HttpStatusError; readonly until: number } | undefined;

  constructor(endpoint: Endpoint, options: SessionOptions) {
    const { http, credentials, now, uploadChunk = Infinity, hasSubstitute = false } = options;
    this.endpoint = endpoint;
    this.uploads = { takesWhole: true, takesStreams: true, requestLimit: uploadChunk };
    this.#http = http;
    this.#now = now;
    this.#hasSubstitute = hasSubstitute;
    this.#authorizer = new Authorizer({ http, credentials, now, host: endpoint.host });
  }

  /** Whether it is reachable but avoided for a while because of a passing failure. */
  get isResting(): boolean {
    return this.#absent()?.error instanceof HttpStatusError;
  }

  /**
   * Returns the answer to a request, whatever its status; a 401 is retried once with authorization.
   *
   * @throws `ERR_REGISTRY_UNREACHABLE`, `ERR_REGISTRY_FAILED` after repeated passing failures, `ERR_REGISTRY_DENIED` when no
   * token is given, `ERR_INTERRUPTED`
   */
  async send(request: SessionRequest): Promise<HttpResponse> {
    const { path, scopes: _scopes, what: _what, repository: _repository, headers, ...rest } = request;
    const root = this.#greeted ?? (await this.#greet(request));
    // Nothing that comes out of an answer begins so.
    const isBelow = path.startsWith('/');
    const url = !isBelow && URL.canParse(path) ? keptOnTls(path, root, request) : this.#urlOf(root, path);
    const isOwn = isBelow || new URL(url).origin === new URL(root).origin;
    for (let tries = 1; ; tries++) {
      // An upload may go elsewhere, such as to a storage service, which gets none of our credentials.
      const sent =
        isOwn && this.#authorizer.isChallenged ? await this.#authorizer.header(request, root) : undefined;
      const response = await this.#exchange(
        { ...rest, headers: withAuthorization(headers, sent) },
        url,
        request,
      );
      if (response.status !== 401 || !isOwn || tries > 1) return response;
      if (!(await this.#authorizer.learn(response, { ask: request, sent, root }))) return response;
      await response[Symbol.asyncDispose]();
    }
  }

  /** Yields the body of a GET from `offset` (bytes) on; if a token expires on the way, renews it and requests the rest. */
  async *download(
    request: SessionRequest & { readonly offset: number; readonly lease?: Lease | undefined },
  ): ByteStream {
    const root = this.#greeted ?? (await this.#greet(request));
    let at = request.offset;
    let renewedAt = -1;
    for (;;) {
      const authorization = this.#authorizer.isChallenged
        ? await this.#authorizer.header(request, root)
        : undefined;
      const options = {
        offset: at,
        headers: withAuthorization(request.headers, authorization),
        weight: request.weight,
        isHasty: this.#isHasty,
        hasDigest: true,
        lease: request.lease,
        signal: request.signal,
      };
      try {
        for await (const chunk of this.#http.download(this.#urlOf(root, request.path), options)) {
          this.#absence = undefined;
          at += chunk.length;
          yield chunk;
        }
        return;
      } catch (error) {
        this.#note(error);
        const isDenied = error instanceof HttpStatusError && error.status === 401;
        // Denied again without a byte in between: a newer token would not help.
        if (!isDenied || renewedAt === at) throw await this.#judge(error, request);
        if (!(await this.#authorizer.learn(error, { ask: request, sent: authorization, root })))
          throw await this.#judge(error, request);
        renewedAt = at;
      }
    }
  }

  /**
   * Returns the answer of the product around the registry, at a path of the same origin. Such a product has accounts, not
   * tokens, so it gets the password, if there is one, as in a browser.
   */
  async administer(request: SessionRequest): Promise<HttpResponse> {
    const { path, scopes: _scopes, what: _what, repository: _repository, headers, ...rest } = request;
    const root = await this.#greet(request);
    const sent = await this.#authorizer.basic(request);
    const url = new URL(path, new URL(root).origin).href;
    return await this.#exchange({ ...rest, headers: withAuthorization(headers, sent) }, url, request);
  }

  /** Returns the error for an unexpected answer, and disposes of the response. */
  async refuse(response: HttpResponse, ask: Ask): Promise<RegistryError> {
    return await refusal(response, await this.#authorizer.describe(ask));
  }

  /** Adds the registry's name for mirrors only. Nothing is ever written to a mirror. */
  #urlOf(root: string, path: string): string {
    const { namespace } = this.endpoint;
    if (namespace === undefined) return `${root}${path}`;
    return `${root}${path}${path.includes('?') ? '&' : '?'}ns=${encodeURIComponent(namespace)}`;
  }

  /** The root, if there is nothing to find out. */
  get #greeted(): string | undefined {
    return this.#absence === undefined ? this.#root : undefined;
  }

  /** Detects the scheme and the challenge once, so that later requests are authorized from the start. */
  async #greet(ask: Ask): Promise<string> {
    try {
      const absence = this.#absent();
      if (absence !== undefined && !(this.isResting && this.patience > 0)) throw absence.error;
      if (this.#root !== undefined) return this.#root;
      return await this.#greeting.run('', () => this.#tryRoots(ask), ask.signal);
    } catch (error) {
      // Many requests may wait for one greeting: each error says which request it stopped.
      throw await this.#judge(error, ask);
    }
  }

  async #tryRoots(ask: Ask): Promise<string> {
    const { roots } = this.endpoint;
    for (const [index, root] of roots.entries()) {
      const isLast = index === roots.length - 1;
      try {
        // A TLS port often just hangs up on plain HTTP: the other scheme may work at once.
        const retries = isLast ? undefined : 1;
        const asked = { isHasty: this.#isHasty, retries, signal: ask.signal };
        await using response = await this.#http.request(`${root}/`, asked);
        // Go's servers answer 400 to plain HTTP on their TLS port.
        if (response.status === 400 && !isLast) continue;
        if (response.status === 401) await this.#authorizer.learn(response, { ask, root });
        this.#root = root;
        return root;
      } catch (error) {
        this.#note(error);
        if (!(error instanceof NetworkError)) throw error;
        if (!isLast) continue;
        this.#absence = { error, until: this.#now() + ABSENCE_MS };
        throw error;
      }
    }
    throw new RegistryError('ERR_REGISTRY_UNREACHABLE', { what: ask.what, fact: 'it has no address' });
  }

  async #exchange(request: Omit<HttpRequest, 'signal'>, url: string, ask: Ask): Promise<HttpResponse> {
    try {
      const wanted = { ...request, isHasty: this.#isHasty, signal: ask.signal };
      const response = await this.#http.request(url, wanted);
      this.#absence = undefined;
      return response;
    } catch (error) {
      this.#note(error);
      throw await this.#judge(error, ask);
    }
  }

  get #isHasty(): boolean {
    return this.#hasSubstitute && this.patience === 0;
  }

  #absent(): { readonly error: NetworkError | HttpStatusError } | undefined {
    const absence = this.#absence;
    return absence !== undefined && this.#now() < absence.until ? absence : undefined;
  }

  /** Avoids an endpoint with a passing failure for a while, if that leaves another one to ask. */
  #note(error: unknown): void {
    if (!this.#hasSubstitute || !(error instanceof HttpStatusError)) return;
    if (!TRANSIENT_STATUSES.has(error.status)) return;
    const asked = Math.min(error.retryAfter ?? 0, REST_LIMIT) * 1000;
    this.#absence = { error, until: this.#now() + Math.max(ABSENCE_MS, asked) };
  }

  async #judge(error: unknown, ask: Ask): Promise<unknown> {
    return unreachable(error, await this.#authorizer.describe(ask));
  }
}

/** A registry unaware that the proxy in front of it speaks TLS returns plain HTTP addresses. */
function keptOnTls(path: string, root: string, { what }: Ask): string {
  const [target, own] = [new URL(path), new URL(root)];
  if (own.protocol !== 'https:' || target.protocol !== 'http:') return path;
  if (target.hostname === own.hostname) return `${own.origin}${target.pathname}${target.search}`;
  throw new RegistryError(
    'ERR_REGISTRY_FAILED',
    { what, fact: `the registry sends us from https to plain http at "${target.host}"` },
    { hint: FORWARDED_HINT },
  );
}

function withAuthorization(headers: RequestHeaders = {}, authorization: string | undefined): RequestHeaders {
  return authorization === undefined ? headers : { ...headers, authorization };
}
