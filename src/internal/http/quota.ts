import type { HttpHeaders } from './http.ts';

/** How much a host still gives within a window, as far as it says so. */
export interface Quota {
  /** Requests that are left. */
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
 * Returns whether a refusal with 429 means that a quota is used up, and waiting the only way on. Any other 429 is about the
 * pace: it passes within moments.
 */
export function isQuotaRefusal(refusal: {
  readonly status: number;
  readonly headers: HttpHeaders;
  readonly message: string;
}): boolean {
  if (refusal.status !== 429) return false;
  return parseQuota(refusal.headers)?.remaining === 0 || /\bpull rate limit\b/i.test(refusal.message);
}
