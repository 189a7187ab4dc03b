import { isSaddlebagError, type SaddlebagError } from '../../internal/error.ts';
import type { ErrorCode } from '../../internal/error-code.ts';
import type { HttpRequest } from '../../internal/http/http.ts';
import { RegistryError } from './registry-error.ts';

/** Request options for an optional question. */
export type Manner = Pick<HttpRequest, 'retries' | 'patience' | 'weight'>;

/** Result of a look-up: an answer, or why there is none. */
export type Found<T> = { readonly answer: T } | { readonly doubt: SaddlebagError };

/** Retries against a registry in trouble, and seconds before giving up on a silent one. */
const MANNER: Manner = { retries: 1, patience: 10 };
/** After this many failures in a row, no more questions of the kind are asked. */
const LIMIT = 8;
/** Errors of the user's making, whatever the question. */
const FINAL: ReadonlySet<ErrorCode> = new Set(['ERR_INTERRUPTED', 'ERR_CREDENTIALS_INVALID']);

/**
 * Asks one registry optional questions: is there a signature, is the content there already, can it be mounted. A missing answer
 * is a doubt, and the work goes on without it. The time for each question, and for all of them together, is limited.
 */
export class LookUps {
  readonly #failures = new Map<string, { readonly count: number; readonly error: SaddlebagError }>();

  /** Returns the result of `ask`, or why it has none. `topic` is the kind of question. */
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

/** A refusal is quick and may concern one thing; silence and server errors concern the whole registry. */
function isTrouble(error: SaddlebagError): boolean {
  return error instanceof RegistryError && (error.status === undefined || error.status >= 500);
}
