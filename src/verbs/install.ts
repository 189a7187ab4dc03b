import { dirname } from 'node:path';
import type { BlobBase } from '../bundle/check/base.ts';
import { basedBundle } from '../bundle/check/based-bundle.ts';
import type { Bundle } from '../bundle/bundle.ts';
import type { CheckResult } from '../bundle/check/check.ts';
import { openBundle } from '../bundle/open.ts';
import { judgeSignature, type SignatureReport } from '../bundle/signing/prove.ts';
import { connect } from '../steps/connect.ts';
import { SaddlebagError } from '../internal/error.ts';
import type { Finding } from '../internal/finding.ts';
import { formatCount } from '../internal/format.ts';
import { collectProblems, ProblemsError } from '../internal/problems.ts';
import type { Digest } from '../oci/digest.ts';
import { parsePlatform } from '../oci/platform.ts';
import type { WaitOptions } from '../oci/roles.ts';
import type { Ears } from '../steps/ears.ts';
import { hostEnvironment, type Surroundings } from '../steps/surroundings.ts';
import type { TargetPlatform } from '../targets/kind.ts';
import { earlierInstalls, openBases } from '../steps/open-bases.ts';
import { pushSettings } from '../registry/settings/push-settings.ts';
import { readRegistries } from '../spec/registries/read.ts';
import { readRetryList, requireKnown, unfinished, writeRetryList } from '../steps/retry-list.ts';
import { type Applied, applyPlans, type ApplyProgress, errorOf, type Plan } from '../targets/apply-plans.ts';
import type { TargetChoice } from '../targets/choice.ts';
import { chosenTargets } from '../targets/chosen-targets.ts';
import { requireWritable } from '../disk/folder.ts';
import { type DiskPlan, requireSpace, type Space, spacesFor } from '../targets/disk-space.ts';
import { hostPlatformOf, stateFolder } from '../targets/host-paths.ts';
import { sudoInvoker } from '../disk/owner.ts';
import { receiptPath } from '../targets/receipts/file.ts';
import { InstallRecord } from '../targets/receipts/record.ts';
import { explainMissing, requireSupplied } from '../targets/required-blobs.ts';
import type { Action, Target } from '../targets/target.ts';
import { requireIntact } from '../steps/require-intact.ts';
import { trustedKeys } from '../steps/trusted-keys.ts';

/** What a user wants installed, and where. */
export interface InstallWish {
  /** The bundle. */
  readonly path: string;
  /** Where it goes: all that fits this host when no target is named. */
  readonly targets?: TargetChoice | undefined;
  /** Path of the public key that must have signed it, in place of any that is trusted on this host. */
  readonly key?: string | undefined;
  /** Bundles to take from what this one requires, or does not have intact. */
  readonly bases?: readonly string[] | undefined;
  /** `OS/ARCHITECTURE` of the host that the bundle is installed for; this one when left out. */
  readonly hostPlatform?: string | undefined;
  /**
   * Path of a list of images. Those whose push fails are written there; when it is there already, only those are pushed.
   * It goes when nothing is left to retry.
   */
  readonly retry?: string | undefined;
  /** Bytes of a blob in one request to a registry; any number when left out. */
  readonly uploadChunk?: number | undefined;
  /** Says what would change, and changes nothing. */
  readonly dryRun?: boolean | undefined;
  /** Path of a registries file with credentials and certificates. */
  readonly registriesFile?: string | undefined;
}

/** How far an install is. */
export type InstallProgress =
  /** Sizes in bytes. */
  | { readonly phase: 'verify'; readonly bytesDone: number; readonly bytesTotal: number }
  | { readonly phase: 'plan' | 'prove'; readonly target: string }
  | ({ readonly phase: 'apply' } & ApplyProgress);

/** One thing that was done or found done. */
export interface InstallAction {
  /** `registry`, `rancher-desktop` … */
  readonly target: string;
  /** `image`, `k3s`, `kubectl` … */
  readonly kind: string;
  /** In the user's terms. */
  readonly name: string;
  /** Where it went: a path, or a reference at a registry. */
  readonly destination: string;
  /** bytes written or sent; 0 when it was there already */
  readonly bytes: number;
  /** What was found there before. */
  readonly state: 'missing' | 'present' | 'different';
  /** `planned` when this was a dry run. */
  readonly outcome: 'placed' | 'replaced' | 'pushed' | 'merged' | 'present' | 'planned';
}

export interface InstallResult extends SignatureReport {
  readonly root: Digest;
  readonly actions: readonly InstallAction[];
  readonly findings: readonly Finding[];
  /** Room that was needed and found (bytes), one entry for each filesystem. */
  readonly space: readonly Space[];
  /** Path of the receipt; there is none of a dry run. */
  readonly receipt?: string | undefined;
}

/** An install whose proof failed. It has been done nevertheless, so its result is here. */
export class UnprovenError extends ProblemsError {
  readonly result: InstallResult;

  constructor(result: InstallResult) {
    const errors = result.findings.filter(({ level }) => level === 'error');
    super('ERR_TARGET_UNPROVEN', `Cannot prove the install: ${formatCount(errors.length, 'check')} failed`, {
      problems: errors.map(
        ({ message, hint }) => new SaddlebagError('ERR_TARGET_UNPROVEN', message, { hint }),
      ),
      hint: 'Run the command again: it repairs what is damaged and keeps what is not.',
    });
    this.result = result;
  }
}

/**
 * Puts what is in a bundle where it belongs, and proves that its consumers will take it. The whole bundle is verified and
 * every target planned before anything is changed. Doing it twice does it once.
 *
 * @throws what `chosenTargets`, `openBundle` and `requireIntact` throw; `ERR_BASE_MISSING`, `ERR_REGISTRY_UNREACHABLE`, `ERR_OUTPUT_UNWRITABLE`,
 * `ERR_DISK_FULL` and `ERR_TARGET_REFUSED` before any change; `ERR_TARGET_FAILED` when several steps failed;
 * `UnprovenError`
 */
export async function installBundle(
  wish: InstallWish,
  surroundings: Surroundings,
  ears: Ears<InstallProgress> = {},
): Promise<InstallResult> {
  const { registriesFile, retry, dryRun = false } = wish;
  const { env } = surroundings;
  const { onProgress, onFinding, signal } = ears;
  const settings =
    registriesFile === undefined
      ? undefined
      : await readRegistries(registriesFile, { env, signal, onFinding });
  const trust = await trustedKeys(wish.key, surroundings, { signal });
  await using file = await openBundle(wish.path, { signal, trust });
  requireItems(file);
  await using given = await openBases(wish.bases, { signal });
  const { uploadChunk } = wish;
  await using network = connect({ settings: pushSettings(settings), uploadChunk }, surroundings, {
    signal,
    onFinding,
  });
  const registryAt = surroundings.openRegistry ?? ((host: string) => network.registries.open(host));
  const host = hostEnvironment(surroundings);
  const state = stateFolder(host);
  const earlier = await earlierInstalls(file, { registryAt, onFinding, stateFolder: state });
  const sources = new Map<Digest, BlobBase>();
  const bundle = basedBundle(file, sources);
  const only = retry === undefined ? undefined : await readRetryList(retry);
  const platform = platformOf(wish, surroundings);
  const { mountFrom } = earlier;
  const targets = await chosenTargets(bundle, wish.targets ?? {}, {
    host,
    platform,
    registryAt,
    mountFrom,
    only,
  });
  const receipt = receiptPath(state, { name: bundle.document.name, root: bundle.root });
  // All that can be known at once is said at once: verifying a large bundle takes minutes.
  await forAll(targets, async (target) => await target.reach({ signal }));
  if (!dryRun) await requireWritable(dirname(receipt));
  const checked = await requireIntact(file, {
    signal,
    bases: [...given.bases, ...earlier.bases],
    onProgress: (progress) => onProgress?.({ phase: 'verify', ...progress }),
  });
  for (const [digest, base] of checked.supply.sources) sources.set(digest, base);
  const plans = await planAll(targets, { bundle, checked }, ears);
  if (only !== undefined && retry !== undefined) requireKnown(only, plans, retry);
  const leftOut = await Promise.all(
    targets.map(async (target) => (await target.leftOut?.({ signal })) ?? []),
  );
  const notices = [...findingsOf(file, checked), ...leftOut.flat()];
  const space = await spacesFor(plans.flatMap(diskPlansOf));
  const signature = await judgeSignature(bundle, { signal });
  if (dryRun) return { ...rehearsed(bundle, plans, space), ...signature, findings: notices };
  requireSpace(space);
  const invoker = sudoInvoker(env);
  await using record = await InstallRecord.begin({ path: receipt, bundle, plans, invoker });
  await prepareAll(plans, { signal });
  const applied = await applyPlans(plans, {
    log: record,
    signal,
    onProgress: (progress) => onProgress?.({ phase: 'apply', ...progress }),
  });
  const work = { bundle, plans, targets, space, receipt, signature, notices, retry, record };
  return await finish(applied, work, ears);
}

/** What there is to finish: an install of which everything was planned. */
interface Work {
  readonly bundle: Bundle;
  readonly plans: readonly Plan[];
  readonly targets: readonly Target[];
  readonly space: readonly Space[];
  readonly receipt: string;
  readonly signature: SignatureReport;
  readonly notices: readonly Finding[];
  readonly retry: string | undefined;
  readonly record: InstallRecord;
}

async function prepareAll(plans: readonly Plan[], { signal }: WaitOptions): Promise<void> {
  const byTarget = new Map(plans.map(({ target, actions }) => [target, actions]));
  await forAll([...byTarget.keys()], async (target) => {
    await target.prepare?.(byTarget.get(target) ?? [], { signal });
  });
}

/** Proves what was done and records it; what was done before a failure is recorded as well, so that it can be taken back. */
async function finish(
  { results, failures }: Applied,
  work: Work,
  ears: Ears<InstallProgress>,
): Promise<InstallResult> {
  const { bundle, plans, targets, space, receipt, signature, notices, retry, record } = work;
  const leave = async (references: readonly string[]): Promise<void> => {
    if (retry !== undefined) await writeRetryList(retry, references);
  };
  if (failures.length > 0) {
    await record.close({ complete: false });
    await leave(unfinished(plans, results));
    throw errorOf(failures, results.length + failures.length);
  }
  const findings = [...notices, ...(await proveAll(targets, ears))];
  const isProven = findings.every(({ level }) => level !== 'error');
  await record.close({ complete: isProven });
  await leave(
    findings.flatMap(({ level, about }) => (level === 'error' && about !== undefined ? [about] : [])),
  );
  const actions = results.map((result) => actionOf(result, result.outcome));
  const result = { root: bundle.root, ...signature, actions, findings, space, receipt };
  if (!isProven) throw new UnprovenError(result);
  return result;
}

async function proveAll(
  targets: readonly Target[],
  { onProgress, signal }: Ears<InstallProgress>,
): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  for (const target of targets) {
    onProgress?.({ phase: 'prove', target: target.name });
    findings.push(...(await target.prove({ signal })));
  }
  return findings;
}

/** A patch by itself is nothing; with the bundle that it mends it is a base. */
function requireItems({ path, document: { patchOf } }: Bundle): void {
  if (patchOf === undefined) return;
  throw new SaddlebagError('ERR_PATCH_INVALID', `Cannot install "${path}": it is a patch of ${patchOf}`, {
    hint: 'Install the bundle that it mends, and give the patch with --base; or mend that with "bundle repair".',
  });
}

/** Plans every target, and makes sure that all that the plans read is there. */
async function planAll(
  targets: readonly Target[],
  { bundle, checked }: { readonly bundle: Bundle; readonly checked: CheckResult },
  ears: Ears<InstallProgress>,
): Promise<readonly Plan[]> {
  const plans = await forAll(targets, async (target) => await planOf(target, ears)).catch(
    (error: unknown) => {
      throw explainMissing(error, bundle, checked);
    },
  );
  requireSupplied(plans, bundle, checked);
  return plans;
}

/** Damage that a base made good today is still there tomorrow. */
function findingsOf({ path }: Bundle, { tally: { madeGood } }: CheckResult): readonly Finding[] {
  if (madeGood.count === 0) return [];
  return [
    {
      level: 'warning',
      message: `"${path}" is damaged, and what was wrong came from a base: ${formatCount(madeGood.count, 'problem')}`,
      hint: 'Mend it with "bundle repair", or copy it again.',
    },
  ];
}

async function planOf(target: Target, { onProgress, signal }: Ears<InstallProgress>): Promise<Plan> {
  onProgress?.({ phase: 'plan', target: target.name });
  return { target, actions: await target.plan({ signal }) };
}

function rehearsed(
  bundle: Bundle,
  plans: readonly Plan[],
  space: readonly Space[],
): Omit<InstallResult, keyof SignatureReport> {
  const actions = plans.flatMap((plan) => plan.actions);
  return {
    root: bundle.root,
    actions: actions.map((action) => actionOf(action, action.state === 'present' ? 'present' : 'planned')),
    findings: [],
    space,
  };
}

/** How much room there is elsewhere nobody can ask. */
function diskPlansOf({ target, actions }: Plan): readonly DiskPlan[] {
  if (!target.isOnDisk) return [];
  const folders = Map.groupBy(actions, ({ folder = target.place }) => folder);
  return [...folders].map(([place, own]) => ({ place, actions: own }));
}

/** A single problem is thrown as it is: it says more than any summary of one. */
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

function platformOf({ hostPlatform }: InstallWish, { host }: Surroundings): TargetPlatform {
  return hostPlatform === undefined ? hostPlatformOf(host.platform, host.arch) : parsePlatform(hostPlatform);
}

/** What a target keeps for itself and for the receipt is left out. */
function actionOf(action: Action, outcome: InstallAction['outcome']): InstallAction {
  const { target, kind, name, destination, bytes, state } = action;
  return { target, kind, name, destination, bytes, state, outcome };
}
