import type { ByteStream } from '../bytes.ts';
import { isSaddlebagError, SaddlebagError, type SaddlebagErrorOptions } from '../error.ts';
import type { ErrorCode } from '../error-code.ts';
import type { HttpHeaders, HttpRequest, HttpResponse } from './http.ts';
import { type Attempt, describeAttempt } from './network-error.ts';
import { parseRetryAfter } from './retry-after.ts';

interface PauseOptions {
  /** Seconds to wait, if the server asks for a pause in its own way. */
  readonly pause?: number | undefined;
}

type PauseOf = Pick<HttpRequest, 'pauseOf'>;

/** A response with a refusing status. */
export class HttpStatusError extends SaddlebagError {
  readonly status: number;
  readonly headers: HttpHeaders;
  /** The URL that refused, which after a redirect is not the requested one. */
  readonly url: string;
  /** Seconds to wait, from the server's `Retry-After` or what it says in its own way. */
  readonly retryAfter: number | undefined;
  /** Whether the server asked for a pause in its own way, so that any status may be retried. */
  readonly isPause: boolean;

  constructor(
    code: ErrorCode,
    message: string,
    options: SaddlebagErrorOptions & Pick<HttpResponse, 'status' | 'headers' | 'url'> & PauseOptions,
  ) {
    super(code, message, options);
    this.status = options.status;
    this.headers = options.headers;
    this.url = options.url;
    this.retryAfter = options.pause ?? parseRetryAfter(options.headers);
    this.isPause = options.pause !== undefined;
  }
}

/** Input for the error of a refusal. */
type RefusingResponse = Pick<HttpResponse, 'status' | 'headers' | 'url' | 'body'>;

/** Returns the error for a refusal. Reads the start of its body. */
export async function statusError(
  response: RefusingResponse,
  attempt: Attempt,
  { pauseOf }: PauseOf = {},
): Promise<HttpStatusError> {
  const { status, headers } = response;
  const isMissing = status === 404 || status === 410;
  const words = await serverWords(response);
  return new HttpStatusError(
    isMissing ? 'ERR_UPSTREAM_NOT_FOUND' : 'ERR_HTTP_STATUS',
    `${describeAttempt(attempt)}: the server answered ${status}${words === '' ? '' : `, ${words}`}`,
    {
      status,
      headers,
      url: response.url,
      hint: hintFor(status),
      pause: pauseOf?.({ status, headers, words }),
    },
  );
}

/** Returns whether a response is a web page: a login form, a proxy's notice, a captive portal. */
export function isHtml(headers: HttpHeaders): boolean {
  return /^\s*(text\/html|application\/xhtml\+xml)\b/i.test(headers['content-type'] ?? '');
}

const WORDS_LIMIT = 200;
const BODY_LIMIT = 16 * 1024;

/** The server's own text on one line, without terminal control characters and queries: some servers echo ours. */
async function serverWords({ headers, body }: RefusingResponse): Promise<string> {
  if (isHtml(headers)) return 'with an HTML page';
  if (!/^\s*(text\/|application\/([\w.-]+\+)?json\b)/i.test(headers['content-type'] ?? '')) return '';
  const text = Buffer.from(await beginningOf(body)).toString('utf8');
  const line = text
    .replace(/\?[^\s"'<>]*=[^\s"'<>]*/g, '?…')
    .replace(/[\p{Cc}\p{Cf}\s]+/gu, ' ')
    .trim();
  if (line === '') return '';
  return `"${line.length > WORDS_LIMIT ? `${line.slice(0, WORDS_LIMIT)}…` : line}"`;
}

async function beginningOf(body: ByteStream): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  try {
    for await (const chunk of body) {
      chunks.push(chunk);
      length += chunk.length;
      if (length >= BODY_LIMIT) break;
    }
  } catch (error) {
    if (isSaddlebagError(error, 'ERR_INTERRUPTED')) throw error;
    // The refusal matters; if its explanation breaks off, the part that came has to do.
  }
  return Buffer.concat(chunks).subarray(0, BODY_LIMIT);
}

function hintFor(status: number): string | undefined {
  if (status === 401 || status === 403) return 'Check the credentials for this host.';
  if (status === 407)
    return 'Write user and password into HTTP_PROXY and HTTPS_PROXY: http://user:password@host:port';
  if (status === 429) return 'The server limits how much it serves: try again later, or log in to it.';
  if (status >= 500) return 'The problem is on the server: try again later.';
  return undefined;
}
