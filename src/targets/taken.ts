import { isSaddlebagError } from '../internal/error.ts';
import type { Finding } from '../internal/finding.ts';
import { collectProblems } from '../internal/problems.ts';

/** What a target takes of the things that are meant for it. */
export interface Taken<T> {
  readonly things: readonly T[];
  /** A warning for each that it refuses. */
  readonly findings: readonly Finding[];
}

/**
 * Returns what a target takes: whoever installs cannot build the bundle again, so what is refused stays away and the rest goes in.
 *
 * @throws `ProblemsError` when nothing is left, or for any failure but a refusal; `message` is given how many problems there are
 */
export async function taken<T>(
  loads: readonly Promise<T>[],
  message: (count: number) => string,
): Promise<Taken<T>> {
  const settled = await Promise.allSettled(loads);
  const things = settled.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  const findings = settled.flatMap((one): readonly Finding[] =>
    one.status === 'rejected' && isSaddlebagError(one.reason, 'ERR_TARGET_REFUSED')
      ? [leftOut(one.reason.message, one.reason.hint)]
      : [],
  );
  const isWhole = things.length + findings.length === loads.length;
  if (isWhole && (things.length > 0 || loads.length === 0)) return { things, findings };
  return allOf(await collectProblems(loads, { code: 'ERR_TARGET_REFUSED', message }));
}

/** Returns what a target takes that takes all of it. */
export function allOf<T>(things: readonly T[]): Taken<T> {
  return { things, findings: [] };
}

/** Returns the warning for what a target does not take. */
export function leftOut(fact: string, hint: string | undefined): Finding {
  return { level: 'warning', message: `${fact}; the install goes without it`, hint };
}
