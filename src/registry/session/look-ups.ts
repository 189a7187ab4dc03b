import { isSaddlebagError, type SaddlebagError } from '../../internal/error.ts';
import type { ErrorCode } from '../../internal/error-code.ts';
import type { HttpRequest } from '../../internal/http/http.ts';
import { RegistryError } from './registry-error.ts';

/** How a question is put whose answer decides nothing. */
export type Manner = Pick<HttpRequest, 'retries' | 'patience'>;

/** What a look-up came to: an answer, or why there is none. */
export type Found<T> = { readonly answer: T } | { readonly doubt: SaddlebagError };

/** A registry in trouble is asked once more, and a silent one is given up after so many seconds. */
const MANNER: Manner = { retries: 1, patience: 10 };
/** After so many questions in a row that a registry only failed at, it is asked no more of the kind. */
const LIMIT = 8;
/** The user's own doing, whatever was asked. */
const FINAL: ReadonlySet<ErrorCode> = new Set(['ERR_INTERRUPTED', 'ERR_CREDENTIALS_INVALID']);

/**
 * Puts questions to one registry that decide nothing: is there a signature, is it there already, can it be mounted. What is
 * no answer is a doubt, and the work goes on without. Each costs little time, and all of them together cost little time.
 */
export class LookUps {
  readonly #failures = new Map<string, { readonly count: number; readonly error: SaddlebagError }>();

  /** Returns what `ask` returns, or why it has no answer. `topic` is the kind of question. */
  async run<T>(topic: string, ask: (manner: Manner) => Promise<T>): Promise<Found<T>> {
    const failed = this.#failures.get(topic);
    if (failed !== undefined && failed.count >= LIMIT) return { doubt: failed.error };
    try {
      const answer = await ask(MANNER);
      this.#failures.delete(topic);
      return { answer };
    } catch (error) {
      if (!isSaddlebagError(error) || FINAL.has(error.code)) throw error;
      if (isTrouble(error)) this.#count(topic, error);
      else this.#failures.delete(topic);
      return { doubt: error };
    }
  }

  #count(topic: string, error: SaddlebagError): void {
    this.#failures.set(topic, { count: (this.#failures.get(topic)?.count ?? 0) + 1, error });
  }
}

/** A refusal comes quickly and may be of one thing; silence and failures are of the registry. */
function isTrouble(error: SaddlebagError): boolean {
  return error instanceof RegistryError && (error.status === undefined || error.status >= 500);
}
