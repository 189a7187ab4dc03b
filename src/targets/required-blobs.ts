import { baseMissing } from '../bundle/check/absent-blob.ts';
import type { Bundle } from '../bundle/bundle.ts';
import type { CheckResult } from '../bundle/check/check.ts';
import { isSaddlebagError } from '../internal/error.ts';
import { ProblemsError } from '../internal/problems.ts';
import type { Plan } from './apply-plans.ts';

/**
 * Makes sure that everything the plans read is in the bundle or was found elsewhere. What a delta counts on and no plan
 * reads may be missing: it is in place, or for another host.
 *
 * @throws `ERR_BASE_MISSING` with every blob that is missing
 */
export function requireSupplied(plans: readonly Plan[], bundle: Bundle, checked: CheckResult): void {
  const needed = new Set(plans.flatMap(({ actions }) => actions.flatMap(({ needs = [] }) => needs)));
  const missing = checked.supply.absent.filter(({ digest }) => needed.has(digest));
  if (missing.length > 0) throw baseMissing(bundle, missing, checked);
}

/** Returns what to say of a plan that could not even be made: when something was missing for it, all that is missing. */
export function explainMissing(error: unknown, bundle: Bundle, checked: CheckResult): unknown {
  const problems = error instanceof ProblemsError ? error.problems : [error];
  const isMissing = problems.some((problem) => isSaddlebagError(problem, 'ERR_BASE_MISSING'));
  return isMissing ? baseMissing(bundle, checked.supply.absent, checked) : error;
}
