import { isSaddlebagError } from '../internal/error.ts';
import type { Finding } from '../internal/finding.ts';
import { collectProblems } from '../internal/problems.ts';

/** What a target accepts of the items meant for it. */
export interface Taken<T> {
  readonly things: readonly T[];
  /** One warning for each item it refuses. */
  readonly findings: readonly Finding[];
}

/**
 * Returns what a target accepts. The user cannot rebuild the bundle here, so refused items are left out and the rest is
 * installed.
 *
 * @throws `ProblemsError` when nothing is left, or for any failure other than a refusal; `message` gets the number of
 * problems
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

/** Returns the result for a target that accepts everything. */
export function allOf<T>(things: readonly T[]): Taken<T> {
  return { things, findings: [] };
}

/** Returns the warning for an item that a target does not accept. */
export function leftOut(fact: string, hint: string | undefined): Finding {
  return { level: 'warning', message: `${fact}; the install goes without it`, hint };
}
