import { factOf, isSaddlebagError } from '../../internal/error.ts';
import { NetworkError } from '../../internal/http/network-error.ts';
import { Tries } from '../../internal/http/retry.ts';
import { HttpStatusError } from '../../internal/http/status.ts';
import { wait } from '../../internal/http/wait.ts';
import { RegistryError } from '../session/registry-error.ts';

/** Tries without progress. */
const TRIES = 5;
/** Seconds before the second try, doubled each time. */
const PAUSE = 0.25;

/** Statuses of an upload session that lost count or was itself lost. A new session starts over. */
const STALE_CODES: ReadonlySet<string> = new Set([
  'BLOB_UPLOAD_INVALID',
  'BLOB_UPLOAD_UNKNOWN',
  'RANGE_INVALID',
  'SIZE_INVALID',
  'DIGEST_INVALID',
]);

/** Counts the tries of one upload. Waiting for a host that names a time costs no try. */
export class UploadTries {
  /** Failures since the registry last kept something. */
  fruitless = 0;
  readonly #signal: AbortSignal | undefined;
  readonly #waits: Tries;

  constructor(signal: AbortSignal | undefined) {
    this.#signal = signal;
    this.#waits = new Tries({ retries: TRIES - 1, backoff: { base: PAUSE, max: 30 }, signal });
  }

  /** Progress was made: earlier failures no longer count. */
  reset(): void {
    this.fruitless = 0;
    this.#waits.reset();
  }

  /**
   * Returns after a pause when `error` deserves a retry, and throws it otherwise. After the upload has begun, "not found"
   * deserves one too: a new upload may work.
   */
  async next(error: unknown, { hasBegun }: { readonly hasBegun: boolean }): Promise<void> {
    if (!(error instanceof RegistryError)) throw error;
    this.fruitless += 1;
    const { cause } = error;
    if (cause instanceof NetworkError || cause instanceof HttpStatusError)
      return await this.#wait(error, cause);
    const isLost = isStale(error) || (hasBegun && error.status === 404);
    if (!isLost || this.fruitless >= TRIES) throw error;
    await wait(PAUSE * 2 ** (this.fruitless - 1), this.#signal);
  }

  async #wait(error: RegistryError, cause: NetworkError | HttpStatusError): Promise<void> {
    try {
      await this.#waits.next(cause);
    } catch (refused) {
      if (refused === cause) throw error;
      if (!isSaddlebagError(refused, 'ERR_HTTP_STATUS')) throw refused;
      // The host asks for a longer wait than is reasonable.
      throw error.with({ what: error.what, fact: factOf(refused), hint: refused.hint });
    }
  }
}

/** Returns whether a refusal concerns the upload session, not the content. */
export function isStale({ status, registryCodes }: RegistryError): boolean {
  if (status === 416) return true;
  return (status === 400 || status === 404) && registryCodes.some((code) => STALE_CODES.has(code));
}
