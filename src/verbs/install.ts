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
import { unknownItems } from '../bundle/format/item.ts';
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
import type { Action, ActionResult, Target } from '../targets/target.ts';
import { requireIntact } from '../steps/require-intact.ts';
import { trustedKeys } from '../steps/trusted-keys.ts';

/** What to install, and where. */
export interface InstallWish {
  /** The bundle. */
  readonly path: string;
  /** Targets to fill; every target that fits this host when none is named. */
  readonly targets?: TargetChoice | undefined;
  /** Path of the public key that must have signed it, in place of the keys trusted on this host. */
  readonly key?: string | undefined;
  /** Bundles to take blobs from that this one requires or has damaged. */
  readonly bases?: readonly string[] | undefined;
  /** `OS/ARCHITECTURE` of the host to install for; this one when left out. */
  readonly hostPlatform?: string | undefined;
  /**
   * Path of a list of images. Images whose push fails are written to it. When it exists already, only the images on it
   * are pushed. It is deleted when nothing is left to retry.
   */
  readonly retry?: string | undefined;
  /** Maximum bytes of a blob in one request to a registry; no limit when left out. */
  readonly uploadChunk?: number | undefined;
  /** Reports what would change and changes nothing. */
  readonly dryRun?: boolean | undefined;
  /** Path of a registries file with credentials and certificates. */
  readonly registriesFile?: string | undefined;
  /** Path of a PEM file with certificate authorities to trust at every host, besides those of this machine. */
  readonly caFile?: string | undefined;
}

/** Progress of an install. */
export type InstallProgress =
  /** Sizes in bytes. */
  | { readonly phase: 'verify'; readonly bytesDone: number; readonly bytesTotal: number }
  | { readonly phase: 'plan' | 'prove'; readonly target: string }
  | ({ readonly phase: 'apply' } & ApplyProgress);

/** One thing that was installed, or was there already. */
export interface InstallAction {
  /** `registry`, `rancher-desktop` … */
  readonly target: string;
  /** `image`, `k3s`, `kubectl` … */
  readonly kind: string;
  /** Name, as the user knows it. */
  readonly name: string;
  /** Where it went: a path, or a reference at a registry. */
  readonly destination: string;
  /** Bytes written or sent; 0 when it was there already. */
  readonly bytes: number;
  /** What was there before. */
  readonly state: 'missing' | 'present' | 'different';
  /** `planned` when this was a dry run. */
  readonly outcome: 'placed' | 'replaced' | 'pushed' | 'merged' | 'present' | 'planned';
}

export interface InstallResult extends SignatureReport {
  readonly root: Digest;
  readonly actions: readonly InstallAction[];
  readonly findings: readonly Finding[];
  /** Space needed and space free (bytes), one entry per filesystem. */
  readonly space: readonly Space[];
  /** Path of the receipt; a dry run has none. */
  readonly receipt?: string | undefined;
}

/** An install that finished but failed its proof. The result is attached because the changes have been made. */
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
 * Puts the contents of a bundle where they belong, and proves that their consumers will accept them. The whole bundle
 * is verified and every target planned before anything changes. Installing twice has the same effect as once.
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
  const { caFile, uploadChunk } = wish;
  await using network = connect({ settings: pushSettings(settings), caFile, uploadChunk }, surroundings, {
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
  // Report every problem that can be found early at once: verifying a large bundle takes minutes.
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
  const notices = [...findingsOf(file, checked), ...unknownKinds(file), ...leftOut.flat()];
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

/** A planned install, ready to be carried out. */
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

/**
 * Proves what was done and records it. After a failure it records what was done so far, so that it can be taken back.
 */
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
  const kept = results.flatMap(keptFindings);
  const findings = [...notices, ...kept, ...(await proveAll(targets, ears))];
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

function keptFindings({ destination, keptAside }: ActionResult): readonly Finding[] {
  if (keptAside === undefined) return [];
  const message = `${destination} held something else and was replaced: what was there is in ${keptAside}`;
  return [{ level: 'warning', message }];
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

/** A patch is useless on its own; together with the bundle it repairs, it is a base. */
function requireItems({ path, document: { patchOf } }: Bundle): void {
  if (patchOf === undefined) return;
  throw new SaddlebagError('ERR_PATCH_INVALID', `Cannot install "${path}": it is a patch of ${patchOf}`, {
    hint: 'Install the bundle that it repairs, and give the patch with --base; or repair that bundle with "bundle repair".',
  });
}

/** Plans every target, and makes sure that every blob the plans read is available. */
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

/** The user should know: a base covered the damage today, but the bundle is still damaged. */
function findingsOf({ path }: Bundle, { tally: { madeGood } }: CheckResult): readonly Finding[] {
  if (madeGood.count === 0) return [];
  return [
    {
      level: 'warning',
      message: `"${path}" is damaged, and a base supplied what was wrong: ${formatCount(madeGood.count, 'problem')}`,
      hint: 'Repair it with "bundle repair", or copy it again.',
    },
  ];
}

/** A later version of the format may have kinds that nobody here knows the place of. */
function unknownKinds(bundle: Bundle): readonly Finding[] {
  const kinds = Map.groupBy(unknownItems(bundle.document.items), ({ token }) => token);
  return [...kinds].map(([kind, items]) => ({
    level: 'warning',
    message: `Where "${kind}" belongs is not known here: ${formatCount(items.length, 'item')} of that kind`,
    hint: 'Their files go to a folder with --files DIR; a later version of saddlebag may know their place.',
  }));
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

/** Free space can only be checked on local disks. */
function diskPlansOf({ target, actions }: Plan): readonly DiskPlan[] {
  if (!target.isOnDisk) return [];
  const folders = Map.groupBy(actions, ({ folder = target.place }) => folder);
  return [...folders].map(([place, own]) => ({ place, actions: own }));
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

function platformOf({ hostPlatform }: InstallWish, { host }: Surroundings): TargetPlatform {
  return hostPlatform === undefined ? hostPlatformOf(host.platform, host.arch) : parsePlatform(hostPlatform);
}

/** Drops the fields that only the target and the receipt need. */
function actionOf(action: Action, outcome: InstallAction['outcome']): InstallAction {
  const { target, kind, name, destination, bytes, state } = action;
  return { target, kind, name, destination, bytes, state, outcome };
}
