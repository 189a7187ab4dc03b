import type { HttpHeaders } from './http.ts';

/** What a host still allows within a window, as far as it says. */
export interface Quota {
  /** Remaining requests. */
  readonly remaining: number;
  /** Length of the window (seconds). */
  readonly window: number | undefined;
}

/** Returns what `ratelimit-remaining: 76;w=21600` says (Docker Hub, "Usage and limits"), or `undefined`. */
export function parseQuota(headers: HttpHeaders): Quota | undefined {
  const [, remaining, window] =
    /^\s*(\d{1,9})\s*(?:;\s*w=(\d{1,9})\s*)?$/.exec(headers['ratelimit-remaining'] ?? '') ?? [];
  if (remaining === undefined) return undefined;
  return { remaining: Number(remaining), window: window === undefined ? undefined : Number(window) };
}

/**
 * Returns whether a 429 means that a quota is used up, so that only waiting helps. Any other 429 is about the request rate and
 * passes within moments.
 */
export function isQuotaRefusal(refusal: {
  readonly status: number;
  readonly headers: HttpHeaders;
  readonly message: string;
}): boolean {
  if (refusal.status !== 429) return false;
  return parseQuota(refusal.headers)?.remaining === 0 || /\bpull rate limit\b/i.test(refusal.message);
}
