import { isSaddlebagError, SaddlebagError, type SaddlebagErrorOptions } from './error.ts';
import type { ErrorCode } from './error-code.ts';
import { mapConcurrently } from './gate.ts';

/**
 * Several problems reported together, so that a user fixes all of them in one round. `code` is for the whole; each of
 * `problems` has its own code and hint.
 */
export class ProblemsError extends SaddlebagError {
  readonly problems: readonly SaddlebagError[];

  constructor(
    code: ErrorCode,
    message: string,
    options: SaddlebagErrorOptions & { readonly problems: readonly SaddlebagError[] },
  ) {
    super(code, message, options);
    this.problems = options.problems;
  }
}

/**
 * Runs every task to its end and returns the values in order.
 *
 * @throws `ProblemsError` with all of our errors when any task failed with one; anything else is thrown as it is, because a bug
 * or an interruption must not look like the user's mistake.
 */
export async function collectProblems<T>(tasks: Iterable<Promise<T>>, whole: Whole): Promise<T[]> {
  return valuesOf(await Promise.allSettled(tasks), whole);
}

/**
 * Maps every value to its end, with at most `limit` calls under way, and returns the results in order. Throws as
 * {@link collectProblems}.
 */
export async function mapCollecting<T, R>(
  values: Iterable<T>,
  options: Whole & { readonly limit: number; readonly map: (value: T) => Promise<R> },
): Promise<R[]> {
  const { limit, map } = options;
  const outcomes = await mapConcurrently(values, limit, (value) => Promise.allSettled([map(value)]));
  return valuesOf(outcomes.flat(), options);
}

/** The one error that stands for many problems. */
interface Whole {
  readonly code: ErrorCode;
  readonly message: (count: number) => string;
}

function valuesOf<T>(outcomes: readonly PromiseSettledResult<T>[], whole: Whole): T[] {
  const values: T[] = [];
  const problems: SaddlebagError[] = [];
  for (const outcome of outcomes) {
    if (outcome.status === 'fulfilled') values.push(outcome.value);
    else if (!isSaddlebagError(outcome.reason) || outcome.reason.code === 'ERR_INTERRUPTED')
      throw outcome.reason;
    else if (outcome.reason instanceof ProblemsError) problems.push(...outcome.reason.problems);
    else problems.push(outcome.reason);
  }
  if (problems.length === 0) return values;
  throw new ProblemsError(whole.code, whole.message(problems.length), { problems });
}
