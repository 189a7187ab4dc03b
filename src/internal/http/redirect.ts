import { SaddlebagError } from '../error.ts';
import type { HttpHeaders, HttpMethod, HttpResponse, RequestHeaders } from './http.ts';
import { redactUrl } from './redact.ts';

/** Headers that may follow a redirect to another origin. Any other could be a credential under a name we do not know. */
const HARMLESS = new Set([
  'accept',
  'accept-encoding',
  'accept-language',
  'content-length',
  'content-range',
  'content-type',
  'if-match',
  'if-modified-since',
  'if-none-match',
  'if-range',
  'range',
  'user-agent',
]);

/** One step of a request. */
export interface Hop {
  readonly method: HttpMethod;
  readonly url: URL;
  readonly headers: RequestHeaders;
  /** Whether the request is private to one origin, so that a redirect to another one ends it. */
  readonly isPrivate?: boolean | undefined;
}

/**
 * Returns where a response redirects to, or `undefined` when it is the final answer: it is no redirect, or one that would turn
 * an upload into a GET (301, 302, 303 to anything but GET and HEAD), which no caller wants.
 *
 * @throws `ERR_HTTP_REDIRECT` when the target is missing, is not HTTP, gives up TLS, or must not see what is private
 */
export function nextHop(
  hop: Hop,
  response: { readonly status: number; readonly headers: HttpHeaders },
): Hop | undefined {
  if (!isRedirect(response.status, hop.method)) return undefined;
  const location = response.headers['location'];
  if (location === undefined) throw refusal(hop, 'the server redirects without saying where to');
  const url = URL.parse(location, hop.url);
  if (url === null || !/^https?:$/.test(url.protocol))
    throw refusal(hop, `the server redirects to "${redactUrl(location)}", which is not an http address`);
  if (hop.url.protocol === 'https:' && url.protocol === 'http:')
    throw refusal(hop, `the server redirects from https to plain http at "${redactUrl(url)}"`, TLS_HINT);
  const isSame = url.origin === hop.url.origin;
  if (hop.isPrivate === true && !isSame)
    throw refusal(hop, `the server redirects credentials to another host at "${redactUrl(url)}"`);
  dropSecrets(url);
  return {
    ...hop,
    url,
    headers: isSame ? hop.headers : harmless(hop.headers),
  };
}

/** How storage answers to a signed address whose time is over; S3 and Azure say 403, Google 400. */
const REFUSALS: ReadonlySet<number> = new Set([400, 401, 403]);

/**
 * Returns whether another host refused an address that the first one gave. Such addresses are often signed for some minutes,
 * which may pass while the other host asks for a pause; the first host then gives a new one.
 */
export function mayHaveExpired(first: Hop, { status, url }: Pick<HttpResponse, 'status' | 'url'>): boolean {
  const isReading = first.method === 'GET' || first.method === 'HEAD';
  return isReading && REFUSALS.has(status) && new URL(url).origin !== first.url.origin;
}

/** Returns the error for an endless chain of redirects. */
export function tooManyHops(hop: Hop, limit: number): SaddlebagError {
  return refusal(hop, `the server redirects more than ${limit} times`);
}

/** Takes out of a URL what is sent in another way, and what is not sent at all. Each setter parses the URL anew. */
export function dropSecrets(url: URL): void {
  if (url.username !== '') url.username = '';
  if (url.password !== '') url.password = '';
  if (url.hash !== '') url.hash = '';
}

/** Returns whether an answer with this status to a request with this method may lead elsewhere. */
export function isRedirect(status: number, method: string): boolean {
  if (status < 300 || status > 308) return false;
  if (status === 307 || status === 308) return true;
  return (status === 301 || status === 302 || status === 303) && (method === 'GET' || method === 'HEAD');
}

function harmless(headers: RequestHeaders): RequestHeaders {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => HARMLESS.has(name)));
}

const TLS_HINT =
  'If a proxy stands in front of the server, it must send "X-Forwarded-Proto: https"; otherwise name the final address instead.';

function refusal(
  hop: Hop,
  fact: string,
  hint = 'Name the final address instead, or ask whoever runs the server.',
): SaddlebagError {
  return new SaddlebagError('ERR_HTTP_REDIRECT', `Cannot follow "${redactUrl(hop.url)}": ${fact}`, {
    hint,
  });
}
