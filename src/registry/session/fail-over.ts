import { factOf, isSaddlebagError, type SaddlebagError } from '../../internal/error.ts';
import type { ErrorCode } from '../../internal/error-code.ts';
import { mayBeAbsent } from '../../oci/absence.ts';
import { RegistryError } from './registry-error.ts';
import type { Endpoint } from './endpoint.ts';
import type { Session } from './session.ts';

/** Errors that no other endpoint can fix: the user's own input causes them. */
const FINAL: ReadonlySet<ErrorCode> = new Set([
  'ERR_INTERRUPTED',
  'ERR_CREDENTIALS_INVALID',
  'ERR_MANIFEST_UNSUPPORTED',
  'ERR_REGISTRIES_INVALID',
  'ERR_USAGE_INVALID',
]);

/**
 * Asks one endpoint after the other and returns the first answer; `undefined` when all of them say that there is none.
 *
 * @throws when no endpoint has an answer and one of them failed: what a failing mirror might have had stays unknown.
 * `ERR_UPSTREAM_NOT_FOUND` when every endpoint in the settings says no, whatever happened at the registry itself
 */
export async function failOver<T>(
  attempt: { readonly what: string; readonly sessions: readonly Session[] },
  ask: (session: Session) => Promise<T | undefined>,
): Promise<T | undefined> {
  const failures = new Failures(attempt.what);
  for (const { session } of inTurn(attempt.sessions.map((each) => ({ session: each })))) {
    try {
      const answer = await ask(session);
      if (answer !== undefined) return answer;
      failures.deny(session.endpoint);
    } catch (error) {
      failures.add(error, session.endpoint);
    }
  }
  failures.throwIfAny();
  return undefined;
}

/**
 * Yields the ways to a registry in the order to try them. An endpoint in trouble is soon skipped while others may have the
 * answer. If none had, it is tried again with full patience.
 */
export function* inTurn<T extends { readonly session?: Session | undefined }>(
  ways: readonly T[],
): Iterable<T> {
  yield* ways;
  for (const way of ways) {
    const { session } = way;
    if (session?.isResting !== true) continue;
    session.patience += 1;
    try {
      yield way;
    } finally {
      session.patience -= 1;
    }
  }
}

/** The properties of an endpoint that the error depends on. */
type Asked = Pick<Endpoint, 'host' | 'isFallback'>;

interface Answer extends Asked {
  /** Left out for a plain no. */
  readonly error?: SaddlebagError | undefined;
}

/** The answers of the endpoints tried so far, none of which had the content. */
export class Failures {
  readonly #what: string;
  /** By host; the latest answer counts. */
  readonly #answers = new Map<string, Answer>();

  constructor(what: string) {
    this.#what = what;
  }

  /** Records a failure that another endpoint may make up for; throws any other at once. */
  add(error: unknown, { host, isFallback }: Asked): void {
    if (!isSaddlebagError(error) || FINAL.has(error.code)) throw error;
    this.#answers.set(host, { host, isFallback, error });
  }

  /** Records that an endpoint does not have it. */
  deny({ host, isFallback }: Asked): void {
    this.#answers.set(host, { host, isFallback });
  }

  /** Throws one error for all of them if one failed. */
  throwIfAny(): void {
    const answers = [...this.#answers.values()];
    const failed = answers.filter(({ error }) => error !== undefined);
    // Prefers the endpoints in the settings, which were meant to have it; a failing fallback is no surprise.
    const named = answers.filter(({ isFallback }) => isFallback !== true);
    const said = named.findLast((answer) => !isNo(answer)) ?? failed.at(-1);
    if (said?.error === undefined) return;
    if (answers.length === 1) throw said.error;
    const isDenied = named.length > 0 && named.every((answer) => isNo(answer));
    const facts = answers.map((answer) => `"${answer.host}": ${saidBy(answer)}`).join('; ');
    throw new RegistryError(
      isDenied ? 'ERR_UPSTREAM_NOT_FOUND' : said.error.code,
      { what: this.#what, fact: `none of its endpoints has it: ${facts}` },
      {
        hint: isDenied ? `Check the name, and what ${listOf(named)} should have.` : said.error.hint,
        mayBeAbsent: failed.every(({ error }) => mayBeAbsent(error)),
        cause: new AggregateError(failed.map(({ error }) => error)),
      },
    );
  }
}

function isNo({ error }: Answer): boolean {
  return error === undefined || error.code === 'ERR_UPSTREAM_NOT_FOUND';
}

function saidBy({ error }: Answer): string {
  return error === undefined ? 'it is not there' : factOf(error);
}

function listOf(answers: readonly Answer[]): string {
  return answers.map(({ host }) => `"${host}"`).join(', ');
}
