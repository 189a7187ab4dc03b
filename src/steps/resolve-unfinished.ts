import { journalOf } from '../bundle/write/journal.ts';
import type { Bundle } from '../bundle/bundle.ts';
import type { BundlePlan } from '../bundle/plan/plan.ts';
import { isSaddlebagError } from '../internal/error.ts';
import type { ErrorCode } from '../internal/error-code.ts';
import type { Finding } from '../internal/finding.ts';
import { ProblemsError } from '../internal/problems.ts';
import type { Ears } from './ears.ts';
import { type Resolved, resolveSpec, type ResolveWish, type ResolvingProgress } from './resolve.ts';
import type { Surroundings } from './surroundings.ts';

/** Why a lock does not give the unfinished bundle. The spec is then resolved as if there were no lock. */
const USELESS_LOCK: readonly ErrorCode[] = [
  'ERR_LOCK_INCOMPLETE',
  'ERR_LOCK_INVALID',
  'ERR_CONTENT_NOT_FOUND',
];

/**
 * Resolves a spec for an output that may be unfinished. When the lock gives exactly the bundle whose journal lies
 * there, that bundle is finished, whatever has changed upstream since. Otherwise the spec is resolved again.
 *
 * @throws what `resolveSpec` throws
 */
export async function resolveUnfinished(
  wish: ResolveWish & { readonly out: string },
  surroundings: Surroundings,
  ears: Ears<ResolvingProgress>,
  {
    planOf,
    bundles,
  }: {
    /** Returns the plan of what is to be written. */
    readonly planOf: (plan: BundlePlan) => BundlePlan;
    /** Bundles whose documents are not fetched. */
    readonly bundles: readonly Bundle[];
  },
): Promise<Resolved> {
  const { out } = wish;
  const journal = await journalOf(out);
  const root = wish.locked === true ? undefined : journal.root;
  const begun = root === undefined ? undefined : await resolveLocked(wish, surroundings, ears);
  if (begun === undefined) return await resolveSpec(wish, surroundings, ears, { bundles });
  if (planOf(begun.resolved.plan).root !== root) {
    await begun.resolved[Symbol.asyncDispose]();
    return await resolveSpec(wish, surroundings, ears, { bundles });
  }
  const findings: readonly Finding[] = [
    ...begun.findings,
    {
      level: 'warning',
      message: `Continuing "${out}" as it was begun, without what may have moved upstream since`,
      hint: `To start over, delete "${out}.partial" and "${journal.path}".`,
    },
  ];
  for (const finding of findings) ears.onFinding?.(finding);
  return begun.resolved;
}

/** Hold notices back until it is certain that this is the bundle to be built. */
async function resolveLocked(
  wish: ResolveWish,
  surroundings: Surroundings,
  { signal, onProgress, onNetwork }: Ears<ResolvingProgress>,
): Promise<{ readonly resolved: Resolved; readonly findings: readonly Finding[] } | undefined> {
  const findings: Finding[] = [];
  const onFinding = (finding: Finding): void => void findings.push(finding);
  const { specPath, lockPath, dryRun, registriesFile, created, signatureRoom, concurrency, kit, caFile } =
    wish;
  const fromLock: Required<ResolveWish> = {
    specPath,
    lockPath,
    locked: true,
    check: false,
    dryRun,
    registriesFile,
    created,
    signatureRoom,
    concurrency,
    kit,
    caFile,
  };
  try {
    const resolved = await resolveSpec(fromLock, surroundings, { signal, onFinding, onProgress, onNetwork });
    return { resolved, findings };
  } catch (error) {
    const problems = error instanceof ProblemsError ? error.problems : [error];
    if (problems.some((problem) => isSaddlebagError(problem) && USELESS_LOCK.includes(problem.code)))
      return undefined;
    throw error;
  }
}
