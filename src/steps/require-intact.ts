import { type CheckOptions, type CheckResult, checkWithBases } from '../bundle/check/check.ts';
import { readableParity } from '../bundle/parity/repair.ts';
import type { OpenBundle } from '../bundle/bundle.ts';
import { SaddlebagError } from '../internal/error.ts';
import { formatCount } from '../internal/format.ts';
import { ProblemsError } from '../internal/problems.ts';

export { releaseFaults } from './openshift/trust.ts';

/**
 * Makes sure, before a bundle is used, that it is exactly what was built, or that the bases can make up for what is
 * damaged. Blobs that a delta requires may be missing.
 *
 * @throws `ProblemsError` `ERR_BUNDLE_DAMAGED` with every problem, `ERR_INTERRUPTED`
 */
export async function requireIntact(bundle: OpenBundle, options: CheckOptions = {}): Promise<CheckResult> {
  const checked = await checkWithBases(bundle, options);
  const { problems, tally } = checked;
  if (problems.length === 0) return checked;
  const parity = await readableParity(bundle.path);
  throw new ProblemsError(
    'ERR_BUNDLE_DAMAGED',
    `Cannot use bundle "${bundle.path}": it has ${formatCount(tally.problems.count, 'problem')}`,
    {
      problems: problems.map(({ code, message, hint }) => new SaddlebagError(code, message, { hint })),
      hint:
        parity === undefined
          ? 'Copy the bundle again, to another medium if it happens twice; nothing was changed here.'
          : `Run "bundle repair ${bundle.path}": the parity file ${JSON.stringify(parity)} is beside it; nothing was changed here.`,
    },
  );
}
