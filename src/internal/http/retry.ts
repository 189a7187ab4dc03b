import { formatDuration } from '../format.ts';
import { NetworkError } from './network-error.ts';
import { isQuotaRefusal, parseQuota } from './quota.ts';
import { HttpStatusError } from './status.ts';
import { wait } from './wait.ts';

/** Seconds between tries: `base`, doubled for each further one, up to `max`. */
export interface Backoff {
  readonly base: number;
  readonly max: number;
}

export interface RetryOptions {
  /** Tries after the first. */
  readonly retries: number;
  /** Whether a refusal for the moment is tried once more only, and no pause is waited for. */
  readonly isHasty?: boolean | undefined;
  readonly backoff: Backoff;
  readonly signal?: AbortSignal | undefined;
}

/** Statuses that speak of the moment rather than of the request; 499 and 522 come from proxies in front of a server. */
export const TRANSIENT_STATUSES: ReadonlySet<number> = new Set([408, 429, 499, 500, 502, 503, 504, 522]);

/** Seconds a host may ask one undertaking to wait, in all. */
const WAIT_LIMIT = 15 * 60;
/** The same of a host whose quota is used up: a night, since windows of six hours are usual. */
const QUOTA_LIMIT = 12 * 60 * 60;
/** A quota that comes back little by little is looked at so often (seconds) when the host names no time. */
const QUOTA_CHECK = 15 * 60;

/** A host that sends hardly anything is tried so often again, whatever comes meanwhile: another connection may be better. */
const SLOW_RETRIES = 1;

/** Peace that a host is left in. */
export interface Pause {
  readonly seconds: number;
  /** Whether its quota is used up, rather than its patience. */
  readonly isQuota: boolean;
}

/** Returns the pause that a refusal calls for, or `undefined` when it calls for none, or for one that is too long. */
export function pauseFor(refusal: HttpStatusError): Pause | undefined {
  const isQuota = isQuotaRefusal(refusal);
  const { window = QUOTA_CHECK } = parseQuota(refusal.headers) ?? {};
  const seconds = refusal.retryAfter ?? (isQuota ? Math.min(window, QUOTA_CHECK) : 0);
  return seconds > 0 && seconds <= limitOf(isQuota) ? { seconds, isQuota } : undefined;
}

function limitOf(isQuota: boolean): number {
  return isQuota ? QUOTA_LIMIT : WAIT_LIMIT;
}

/** Counts the tries of one undertaking. */
export class Tries {
  readonly #options: RetryOptions;
  #failures = 0;
  #slow = 0;
  #asked = 0;

  constructor(options: RetryOptions) {
    this.#options = options;
  }

  /** Progress was made: whatever failed before is forgotten. */
  reset(): void {
    this.#failures = 0;
  }

  /** Returns after a pause when `error` deserves another try, and throws it otherwise. */
  async next(error: unknown): Promise<void> {
    const { isHasty = false } = this.#options;
    const isBusy = isHasty && error instanceof HttpStatusError;
    const retries = isBusy ? Math.min(1, this.#options.retries) : this.#options.retries;
    if (!isTransient(error) || retries === 0) throw error;
    if (error instanceof NetworkError && error.isSlow && this.#slow++ >= SLOW_RETRIES) throw error;
    if (isBusy && pauseFor(error) !== undefined) throw error;
    // A host that names a time is waited for at its gate, by everyone. That costs no try: the host is well, only busy.
    if (this.#waitsForHost(error)) return;
    if (this.#failures >= retries) throw error;
    const { base, max } = this.#options.backoff;
    const full = Math.min(max, base * 2 ** this.#failures);
    this.#failures += 1;
    // Between half and the whole, so that transfers that broke together do not come back together.
    await wait(full * (0.5 + Math.random() / 2), this.#options.signal);
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
      hint: 'Run the command again after that time',
      cause: error,
    });
  }
}

/** Runs `task` again while it fails in a way that may pass. */
export async function retry<T>(task: () => Promise<T>, options: RetryOptions): Promise<T> {
  const tries = new Tries(options);
  for (;;) {
    try {
      return await task();
    } catch (error) {
      await tries.next(error);
    }
  }
}

function isTransient(error: unknown): boolean {
  if (error instanceof NetworkError) return error.transient;
  return error instanceof HttpStatusError && TRANSIENT_STATUSES.has(error.status);
}
