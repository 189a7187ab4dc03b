import type { ByteStream } from '../bytes.ts';

/** Header names in lower case; repeated headers joined with `, `. */
export type HttpHeaders = Readonly<Record<string, string>>;

/** The same of a request, where a list of values is sent as a line each. */
export type RequestHeaders = Readonly<Record<string, string | readonly string[]>>;

export type HttpMethod = 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

export interface HttpRequest {
  readonly method?: HttpMethod | undefined;
  /** `authorization` among them is sent to the origin of the URL alone, never along a redirect to another one. */
  readonly headers?: RequestHeaders | undefined;
  /** A function is called again for each try. */
  readonly body?: Uint8Array | (() => ByteStream) | undefined;
  /** Length (bytes) of a streamed body. */
  readonly bodyLength?: number | undefined;
  /** Whether the body is a credential: then it goes to the origin of the URL alone, as `authorization` does. */
  readonly isPrivate?: boolean | undefined;
  /** Tries after the first, instead of the client's own number; 0 for what must not be repeated as it is. */
  readonly retries?: number | undefined;
  /** Whether somebody else may answer as well: then a host that only fails for the moment is tried once more and not waited for. */
  readonly isHasty?: boolean | undefined;
  /** Seconds without a byte after which it counts as dead, instead of the client's own number. */
  readonly patience?: number | undefined;
  /** Bytes it will move: of requests that wait for the same host, the lightest goes first. 0 when left out. */
  readonly weight?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** A response whose body has not been read. Read it to its end or dispose of the response. */
export interface HttpResponse extends AsyncDisposable {
  readonly status: number;
  readonly headers: HttpHeaders;
  /** Where the answer came from in the end, after redirects. */
  readonly url: string;
  readonly body: ByteStream;
}

/** How one origin is spoken to: its certificates. PEM texts. */
export interface TlsSettings {
  readonly ca?: string | undefined;
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
  readonly rejectUnauthorized?: boolean | undefined;
}

/**
 * The HTTP client everything shares: redirects, retries with back-off that obeys `Retry-After` for the whole host, a
 * bounded number of requests a host, time-outs on silence, proxies and trusted certificates of the machine.
 */
export interface HttpClient extends AsyncDisposable {
  /**
   * Returns any response that is not worth another try (4xx included): judging the status is the caller's business.
   *
   * @throws `ERR_NETWORK_FAILED`, `ERR_NETWORK_TIMEOUT`, `ERR_HTTP_STATUS` when tries are used up, `ERR_HTTP_REDIRECT`, `ERR_INTERRUPTED`
   */
  request(url: string, request?: HttpRequest): Promise<HttpResponse>;
  /**
   * Yields the body of a GET from `offset` (bytes) on, and goes on with a `Range` request where a connection broke.
   *
   * @throws what `request` throws, `ERR_UPSTREAM_NOT_FOUND` for 404 and 410, `ERR_HTTP_STATUS` for any other refusal,
   * `ERR_HTTP_BODY` when the server sends something else than the rest (another range, a file that changed, an HTML page)
   */
  download(
    url: string,
    options?: {
      readonly offset?: number | undefined;
      readonly headers?: RequestHeaders | undefined;
      readonly weight?: number | undefined;
      readonly isHasty?: boolean | undefined;
      readonly signal?: AbortSignal | undefined;
    },
  ): ByteStream;
}
