import type { SaddlebagError } from '../error.ts';
import { formatDuration } from '../format.ts';
import { NetworkError } from './network-error.ts';
import type { TryCount } from './watch/notice.ts';
import { isQuotaRefusal, parseQuota } from './quota.ts';
import { HttpStatusError } from './status.ts';
import { wait } from './wait.ts';

/** Seconds between tries: `base`, doubled each time, up to `max`. */
export interface Backoff {
  readonly base: number;
  readonly max: number;
}

export interface RetryOptions {
  /** Retries. */
  readonly retries: number;
  /** Whether to retry a passing refusal only once, and to sit out no pause. */
  readonly isHasty?: boolean | undefined;
  readonly backoff: Backoff;
  /** Counts the tries of the whole that this is a part of. */
  readonly outer?: Tries | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Called before the wait for another try, with its number: how long the wait is (seconds), and why. */
  readonly onRetry?:
    | ((retry: TryCount & { readonly seconds: number; readonly error: SaddlebagError }) => void)
    | undefined;
}

/** Statuses of passing trouble, not of a bad request; 499 and 522 come from proxies in front of a server. */
export const TRANSIENT_STATUSES: ReadonlySet<number> = new Set([408, 429, 499, 500, 502, 503, 504, 522]);

/** Seconds that one host may keep one operation waiting, in total. */
const WAIT_LIMIT = 15 * 60;
/** The same limit for a used-up quota: a night, since windows of six hours are common. */
const QUOTA_LIMIT = 12 * 60 * 60;
/** How often (seconds) to check a quota that refills gradually, when the host names no time. */
const QUOTA_CHECK = 15 * 60;

/** Retries against a very slow sender, regardless of progress: another connection may be faster. */
const SLOW_RETRIES = 1;

/** How long to leave a host alone. */
export interface Pause {
  readonly seconds: number;
  /** Whether its quota is used up; otherwise it is merely busy. */
  readonly isQuota: boolean;
}

/** Returns the pause that a refusal calls for, or `undefined` when it calls for none or for too long a one. */
export function pauseFor(refusal: HttpStatusError): Pause | undefined {
  const isQuota = isQuotaRefusal(refusal);
  const { window = QUOTA_CHECK } = parseQuota(refusal.headers) ?? {};
  const seconds = refusal.retryAfter ?? (isQuota ? Math.min(window, QUOTA_CHECK) : 0);
  return seconds > 0 && seconds <= limitOf(isQuota) ? { seconds, isQuota } : undefined;
}

function limitOf(isQuota: boolean): number {
  return isQuota ? QUOTA_LIMIT : WAIT_LIMIT;
}

/** Counts the tries of one operation. */
export class Tries {
  readonly #options: RetryOptions;
  #failures = 0;
  #slow = 0;
  #asked = 0;

  constructor(options: RetryOptions) {
    this.#options = options;
  }

  /** Returns which try is under way. */
  count(): TryCount {
    const number = this.#failures + (this.#options.outer?.failures ?? 0) + 1;
    return { try: number, tries: Math.max(number, this.#options.retries + 1) };
  }

  /** Failures since there was progress. */
  get failures(): number {
    return this.#failures;
  }

  /** Progress was made: earlier failures no longer count. */
  reset(): void {
    this.#failures = 0;
  }

  /** Returns after a pause when `error` deserves a retry, and throws it otherwise. */
  async next(error: unknown): Promise<void> {
    const { isHasty = false } = this.#options;
    const isBusy = isHasty && error instanceof HttpStatusError;
    const retries = isBusy ? Math.min(1, this.#options.retries) : this.#options.retries;
    if (!isTransient(error) || retries === 0) throw error;
    if (error instanceof NetworkError && error.isSlow && this.#slow++ >= SLOW_RETRIES) throw error;
    if (isBusy && pauseFor(error) !== undefined) throw error;
    // When a host names a time, every request to it waits at its gate. That costs no try: the host is healthy, only busy.
    if (this.#waitsForHost(error)) return;
    if (this.#failures >= retries) throw error;
    const { base, max } = this.#options.backoff;
    const full = Math.min(max, base * 2 ** this.#failures);
    this.#failures += 1;
    // Jitter between half and all of it, so that transfers that broke together do not return together.
    const seconds = full * (0.5 + Math.random() / 2);
    this.#options.onRetry?.({ ...this.count(), seconds, error });
    await wait(seconds, this.#options.signal);
  }

  #waitsForHost(error: unknown): boolean {
    if (!(error instanceof HttpStatusError)) return false;
    const asked = pauseFor(error)?.seconds ?? error.retryAfter ?? 0;
    if (asked === 0) return false;
    this.#asked += asked;
    if (this.#asked <= limitOf(isQuotaRefusal(error))) return true;
    throw new HttpStatusError(error.code, `${error.message}, and asks to wait ${formatDuration(asked)}`, {
      status: error.status,
      headers: error.headers,
      url: error.url,
      hint: 'Run the command again after that time.',
      cause: error,
    });
  }
}

/** Runs `task` again as long as its failures may pass; it learns what counts its tries. */
export async function retry<T>(task: (tries: Tries) => Promise<T>, options: RetryOptions): Promise<T> {
  const tries = new Tries(options);
  for (;;) {
    try {
      return await task(tries);
    } catch (error) {
      await tries.next(error);
    }
  }
}

function isTransient(error: unknown): error is NetworkError | HttpStatusError {
  if (error instanceof NetworkError) return error.transient;
  return error instanceof HttpStatusError && (error.isPause || TRANSIENT_STATUSES.has(error.status));
}
