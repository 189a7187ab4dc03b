import type { ByteStream } from '../bytes.ts';
import type { Lease } from '../lease.ts';

/** Header names in lower case; repeated headers joined with `, `. */
export type HttpHeaders = Readonly<Record<string, string>>;

/** Request headers, where a list of values becomes a line each. */
export type RequestHeaders = Readonly<Record<string, string | readonly string[]>>;

export type HttpMethod = 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

export interface HttpRequest {
  readonly method?: HttpMethod | undefined;
  /** Headers, `authorization` included, which goes to the URL's origin only, never along a redirect to another one. */
  readonly headers?: RequestHeaders | undefined;
  /** A function is called again for each try. It may use the memory of its chunks again as the lease says. */
  readonly body?: Uint8Array | ((lease: Lease) => ByteStream) | undefined;
  /** Length (bytes) of a streamed body. */
  readonly bodyLength?: number | undefined;
  /** Whether the body is a credential: then it goes to the URL's origin only, as `authorization` does. */
  readonly isPrivate?: boolean | undefined;
  /** Retries, instead of the client's own number; 0 for a request that must not be repeated as it is. */
  readonly retries?: number | undefined;
  /** Whether another host may answer instead: then a host with a passing failure is retried once and not waited for. */
  readonly isHasty?: boolean | undefined;
  /**
   * Returns the seconds until a retry if a refusal asks for a pause in a host-specific way; otherwise `undefined`. With it, a
   * refusal is thrown as `ERR_HTTP_STATUS` or `ERR_UPSTREAM_NOT_FOUND`, not returned.
   */
  readonly pauseOf?: ((refusal: Refusal) => number | undefined) | undefined;
  /** Seconds of silence after which the connection counts as dead, instead of the client's own number. */
  readonly patience?: number | undefined;
  /** Bytes it will transfer: of the requests waiting for a host, the lightest goes first. 0 when left out. */
  readonly weight?: number | undefined;
  /** See `StreamOptions`; for the body of the answer. */
  readonly lease?: Lease | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** A refusal, with the server's words if it sends any. */
export interface Refusal {
  readonly status: number;
  readonly headers: HttpHeaders;
  readonly words: string;
}

/** A response with an unread body. Read the body to its end, or dispose of the response. */
export interface HttpResponse extends AsyncDisposable {
  readonly status: number;
  readonly headers: HttpHeaders;
  /** The URL that answered in the end, after redirects. */
  readonly url: string;
  readonly body: ByteStream;
}

/** TLS settings of one origin. PEM texts. */
export interface TlsSettings {
  readonly ca?: string | undefined;
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
  readonly rejectUnauthorized?: boolean | undefined;
}

/**
 * The HTTP client that everything shares: redirects, retries with back-off that apply `Retry-After` to the whole host, a limit
 * of concurrent requests per host, time-outs on silence, the machine's proxies and trusted certificates.
 */
export interface HttpClient extends AsyncDisposable {
  /**
   * Returns any response that is not worth a retry (4xx included); the caller judges the status. When a GET or HEAD was
   * redirected to another host and is refused there, it begins again, because the address may have expired.
   *
   * @throws `ERR_NETWORK_FAILED`, `ERR_NETWORK_TIMEOUT`, `ERR_HTTP_STATUS` when tries are used up, `ERR_HTTP_REDIRECT`, `ERR_INTERRUPTED`
   */
  request(url: string, request?: HttpRequest): Promise<HttpResponse>;
  /**
   * Yields the body of a GET from `offset` (bytes) on; after a broken connection, continues with a `Range` request.
   *
   * @throws what `request` throws, `ERR_UPSTREAM_NOT_FOUND` for 404 and 410, `ERR_HTTP_STATUS` for any other refusal,
   * `ERR_HTTP_BODY` when the server sends something other than the rest (another range, a file that changed, an HTML page)
   */
  download(
    url: string,
    options?: {
      readonly offset?: number | undefined;
      readonly headers?: RequestHeaders | undefined;
      readonly weight?: number | undefined;
      readonly isHasty?: boolean | undefined;
      /** Whether the caller checks the content by a digest, so that the tags and dates of servers do not matter. */
      readonly hasDigest?: boolean | undefined;
      /** See `StreamOptions`. */
      readonly lease?: Lease | undefined;
      readonly signal?: AbortSignal | undefined;
    },
  ): ByteStream;
}
