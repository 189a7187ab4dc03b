import { factOf, isSaddlebagError, type SaddlebagError } from '../../internal/error.ts';
import type { ErrorCode } from '../../internal/error-code.ts';
import { mayBeAbsent } from '../../oci/absence.ts';
import { RegistryError } from './registry-error.ts';
import type { Session } from './session.ts';

/** Errors that no other endpoint would mend. */
const FINAL: ReadonlySet<ErrorCode> = new Set([
  'ERR_INTERRUPTED',
  'ERR_CREDENTIALS_INVALID',
  'ERR_MANIFEST_UNSUPPORTED',
]);

/**
 * Asks one endpoint after the other until one has an answer, and returns it; `undefined` when all of them say that there is
 * none.
 *
 * @throws when none has an answer and one of them failed: what a failing mirror might have had stays unknown
 */
export async function failOver<T>(
  attempt: { readonly what: string; readonly sessions: readonly Session[] },
  ask: (session: Session) => Promise<T | undefined>,
): Promise<T | undefined> {
  const failures = new Failures(attempt.what);
  for (const session of attempt.sessions) {
    try {
      const answer = await ask(session);
      if (answer !== undefined) return answer;
    } catch (error) {
      failures.add(error, session.endpoint.host);
    }
  }
  failures.throwIfAny();
  return undefined;
}

/** What the endpoints asked so far answered instead of the content. */
export class Failures {
  readonly #what: string;
  readonly #errors: { readonly error: SaddlebagError; readonly host: string }[] = [];

  constructor(what: string) {
    this.#what = what;
  }

  /** Takes note of a failure that another endpoint may make good for, and throws any other at once. */
  add(error: unknown, host: string): void {
    if (!isSaddlebagError(error) || FINAL.has(error.code)) throw error;
    this.#errors.push({ error, host });
  }

  /** Throws what speaks for all of them, if there is any. */
  throwIfAny(): void {
    const last = this.#errors.at(-1);
    if (last === undefined) return;
    if (this.#errors.length === 1) throw last.error;
    const facts = this.#errors.map(({ error, host }) => `"${host}": ${factOf(error)}`).join('; ');
    const fact = `none of its endpoints has it: ${facts}`;
    throw new RegistryError(
      last.error.code,
      { what: this.#what, fact },
      {
        hint: last.error.hint,
        mayBeAbsent: this.#errors.every(({ error }) => mayBeAbsent(error)),
        cause: new AggregateError(this.#errors.map(({ error }) => error)),
      },
    );
  }
}
