import type { Bundle } from '../bundle/bundle.ts';
import type { CheckResult } from '../bundle/check/check.ts';
import { Staging } from '../disk/placing/staging.ts';
import { isSaddlebagError } from '../internal/error.ts';
import type { Finding } from '../internal/finding.ts';
import { formatCount } from '../internal/format.ts';
import { collectProblems, ProblemsError } from '../internal/problems.ts';
import type { WaitOptions } from '../oci/roles.ts';
import type { Plan } from './apply-plans.ts';
import { explainMissing, requireSupplied } from './required-blobs.ts';
import type { Target } from './target.ts';

export { neededBy } from './required-blobs.ts';

export interface TargetsWait extends WaitOptions {
  /** Told of each target when its turn comes. */
  readonly onTarget?: ((name: string) => void) | undefined;
}

/** The targets that can be used, and why others that nobody named are left out. */
export interface Reached {
  readonly targets: readonly Target[];
  readonly absences: readonly Finding[];
}

/**
 * Returns the targets that can be used. One that nobody named may be absent, unless `all` are needed, or nothing would be left.
 *
 * @throws what `Target.reach` throws; `ERR_TARGET_FAILED` for several
 */
export async function reachAll(
  chosen: readonly Target[],
  { signal, all = false }: WaitOptions & { readonly all?: boolean } = {},
): Promise<Reached> {
  const reached = await forAll(chosen, async (target) => {
    try {
      await target.reach({ signal });
      return { target };
    } catch (error) {
      if (target.absence === undefined || all || chosen.length === 1) throw error;
      if (signal?.aborted === true || !isSaddlebagError(error)) throw error;
      return { target, absence: await target.absence(error) };
    }
  });
  return {
    targets: reached.flatMap(({ target, absence }) => (absence === undefined ? [target] : [])),
    absences: reached.flatMap(({ absence }) => absence ?? []),
  };
}

/**
 * Plans every target, and makes sure that every blob the plans read is available.
 *
 * @throws what `Target.plan` throws; `ERR_TARGET_FAILED` for several; `ERR_BASE_MISSING`
 */
export async function planAll(
  targets: readonly Target[],
  options: TargetsWait & { readonly bundle: Bundle; readonly checked: CheckResult },
): Promise<readonly Plan[]> {
  const { bundle, checked, signal, onTarget } = options;
  const planned = forAll(targets, async (target) => {
    onTarget?.(target.name);
    return { target, actions: await target.plan({ signal }) };
  });
  const plans = await planned.catch((error: unknown) => {
    throw explainMissing(error, bundle, checked);
  });
  requireSupplied(plans, bundle, checked);
  return plans;
}

/** Returns what the targets do not take of the things that are meant for them. */
export async function leftOutOf(
  targets: readonly Target[],
  { signal }: WaitOptions = {},
): Promise<readonly Finding[]> {
  const found = await Promise.all(targets.map(async (target) => (await target.leftOut?.({ signal })) ?? []));
  return found.flat();
}

/** Returns where the files of the plans are written while their content is verified, before anything is placed. */
export async function stagingOf(plans: readonly Plan[], { signal }: WaitOptions = {}): Promise<Staging> {
  const files = plans.map(async ({ target, actions }) => (await target.staged?.(actions, { signal })) ?? []);
  return new Staging((await Promise.all(files)).flat());
}

/** Has every target ready for its plan. @throws what `Target.prepare` throws; `ERR_TARGET_FAILED` for several */
export async function prepareAll(plans: readonly Plan[], { signal }: WaitOptions = {}): Promise<void> {
  const actions = new Map(plans.map((plan) => [plan.target, plan.actions]));
  await forAll([...actions.keys()], async (target) => {
    await target.prepare?.(actions.get(target) ?? [], { signal });
  });
}

/** Reads every target again the way its real consumer does, one after the other. */
export async function proveAll(
  targets: readonly Target[],
  { signal, onTarget }: TargetsWait = {},
): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  for (const target of targets) {
    onTarget?.(target.name);
    findings.push(...(await target.prove({ signal })));
  }
  return findings;
}

/** A single problem is thrown as it is, because it says more than a summary. */
async function forAll<T>(targets: readonly Target[], task: (target: Target) => Promise<T>): Promise<T[]> {
  try {
    return await collectProblems(targets.map(task), {
      code: 'ERR_TARGET_FAILED',
      message: (count) =>
        `Cannot install: ${formatCount(count, 'problem')} with the targets, nothing was changed`,
    });
  } catch (error) {
    throw error instanceof ProblemsError && error.problems.length === 1 ? error.problems[0] : error;
  }
}
