import { baseMissing } from '../bundle/check/absent-blob.ts';
import type { Bundle } from '../bundle/bundle.ts';
import type { CheckResult } from '../bundle/check/check.ts';
import { isSaddlebagError } from '../internal/error.ts';
import { ProblemsError } from '../internal/problems.ts';
import type { Plan } from './apply-plans.ts';
import { DigestTable } from './receipts/digests.ts';

/**
 * Makes sure that every blob the plans read is in the bundle or was found elsewhere. Blobs that a delta requires but no
 * plan reads may be missing: they are in place, or meant for another host.
 *
 * @throws `ERR_BASE_MISSING` with every blob that is missing
 */
export function requireSupplied(plans: readonly Plan[], bundle: Bundle, checked: CheckResult): void {
  const { absent } = checked.supply;
  if (absent.length === 0) return;
  const needed = neededBy(plans);
  const missing = absent.filter(({ digest }) => needed.has(digest));
  if (missing.length > 0) throw baseMissing(bundle, missing, checked);
}

/** Returns the blobs that plans read. */
export function neededBy(plans: readonly Plan[]): DigestTable {
  return DigestTable.of(...plans.flatMap(({ actions }) => actions.map(({ needs = [] }) => needs)));
}

/** Returns the error for a plan that failed: if a blob was missing, an error that lists every missing blob. */
export function explainMissing(error: unknown, bundle: Bundle, checked: CheckResult): unknown {
  const problems = error instanceof ProblemsError ? error.problems : [error];
  const isMissing = problems.some((problem) => isSaddlebagError(problem, 'ERR_BASE_MISSING'));
  return isMissing ? baseMissing(bundle, checked.supply.absent, checked) : error;
}
