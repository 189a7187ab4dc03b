import type { HttpResponse, Refusal } from '../../../internal/http/http.ts';
import { redactUrl } from '../../../internal/http/redact.ts';
import { parseRetryAfter, secondsUntil } from '../../../internal/http/retry-after.ts';
import { HttpStatusError } from '../../../internal/http/status.ts';
import { formatInstant } from '../../../internal/instant.ts';

/** Seconds to wait at most for a used-up limit to reset; for a longer wait, the user decides. */
const RESET_LIMIT = 60;
/** What GitHub asks for when a limit on the pace of requests says no time (REST API, "Rate limits"). */
const SECONDARY_PAUSE = 60;
const SECONDARY = /secondary[ -]rate[ -]limit|abuse detection/i;

/**
 * Returns the seconds until a retry if GitHub's API refuses because of a rate limit, or `undefined` for any other refusal and for
 * a limit that resets too late (REST API, "Rate limits": 403 or 429, with `Retry-After`, with `x-ratelimit-reset`, or with words
 * alone).
 */
export function githubPause({ status, headers, words }: Refusal): number | undefined {
  if (!isLimitStatus(status)) return undefined;
  const asked = parseRetryAfter(headers);
  if (asked !== undefined) return asked;
  const reset = isUsedUp(headers) ? resetOf(headers) : undefined;
  if (reset === undefined) return SECONDARY.test(words) && !isUsedUp(headers) ? SECONDARY_PAUSE : undefined;
  const seconds = secondsUntil(reset * 1000, headers);
  return Math.abs(seconds) <= RESET_LIMIT ? Math.max(0, seconds) : undefined;
}

/** Returns a refusal by GitHub's API with a hint what to do; `hasToken` says whether `GITHUB_TOKEN` was sent. */
export function explainGithub(
  error: HttpStatusError,
  { url, hasToken }: { readonly url: string; readonly hasToken: boolean },
): HttpStatusError {
  const isLimit = isLimitStatus(error.status);
  if (isLimit && isUsedUp(error.headers)) {
    const reset = resetOf(error.headers);
    const until = reset === undefined ? '' : ` until ${formatInstant(reset)}`;
    const message = `Cannot query "${redactUrl(url)}": its rate limit is used up${until}`;
    return explained(error, waitHint(reset === undefined ? 'later' : 'then', hasToken), message);
  }
  if (error.status === 429 || (isLimit && error.retryAfter !== undefined))
    return explained(error, waitHint('later', hasToken));
  // After a redirect to another origin, the server that refused has not seen the token.
  if (!hasToken || new URL(error.url).origin !== new URL(url).origin) return error;
  if (error.status === 401)
    return explained(
      error,
      'This host does not take the token in GITHUB_TOKEN: unset it, or make a new one.',
    );
  if (error.status === 403)
    return explained(
      error,
      'The token in GITHUB_TOKEN may lack the right to this: unset it, or make a new one.',
    );
  return error;
}

function waitHint(when: 'then' | 'later', hasToken: boolean): string {
  if (hasToken) return `Try again ${when}.`;
  return `Try again ${when}, or set GITHUB_TOKEN: with a token of yours the limit is much higher.`;
}

function explained(error: HttpStatusError, hint: string, message = error.message): HttpStatusError {
  const { code, status, headers, url } = error;
  return new HttpStatusError(code, message, { status, headers, url, hint, cause: error });
}

function isLimitStatus(status: number): boolean {
  return status === 403 || status === 429;
}

function isUsedUp(headers: HttpResponse['headers']): boolean {
  return headers['x-ratelimit-remaining'] === '0';
}

/** Seconds since 1970. */
function resetOf(headers: HttpResponse['headers']): number | undefined {
  const reset = headers['x-ratelimit-reset'] ?? '';
  return /^\d{1,11}$/.test(reset) ? Number(reset) : undefined;
}
