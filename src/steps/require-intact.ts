import {
  checkBlobs,
  type CheckOptions,
  type CheckResult,
  checkWithBases,
  type Problem,
} from '../bundle/check/check.ts';
import { readableParity } from '../bundle/parity/repair.ts';
import type { BlobRef, OpenBundle } from '../bundle/bundle.ts';
import { SaddlebagError } from '../internal/error.ts';
import { formatCount } from '../internal/format.ts';
import { ProblemsError } from '../internal/problems.ts';

export { releaseFaults, requireTrustedReleases } from './openshift/trust.ts';

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
  throw await damaged(bundle, problems, tally.problems.count);
}

/**
 * Makes sure that these blobs of a bundle are what they should be, and returns the bases that have those that are not.
 *
 * @throws `ProblemsError` `ERR_BUNDLE_DAMAGED` with every problem, `ERR_INTERRUPTED`; what `staging` throws
 */
export async function requireIntactBlobs(
  bundle: OpenBundle,
  blobs: readonly BlobRef[],
  options: CheckOptions = {},
): Promise<CheckResult['supply']> {
  const { problems, count, supply } = await checkBlobs(bundle, blobs, options);
  if (problems.length === 0) return supply;
  throw await damaged(bundle, problems, count);
}

async function damaged(
  { path, shape }: OpenBundle,
  problems: readonly Problem[],
  count: number,
): Promise<ProblemsError> {
  const isCarried = shape === 'registry';
  const parity = isCarried ? undefined : await readableParity(path);
  const again = isCarried
    ? 'Push the bundle again with "bundle push --verify": what the registry has lost or damaged is sent once more; nothing was changed here.'
    : 'Copy the bundle again, to another medium if it happens twice; nothing was changed here.';
  return new ProblemsError(
    'ERR_BUNDLE_DAMAGED',
    `Cannot use bundle "${path}": it has ${formatCount(count, 'problem')}`,
    {
      problems: problems.map(({ code, message, hint }) => new SaddlebagError(code, message, { hint })),
      hint:
        parity === undefined
          ? again
          : `Run "bundle repair ${path}": the parity file ${JSON.stringify(parity)} is beside it; nothing was changed here.`,
    },
  );
}
