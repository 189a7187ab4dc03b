import { dirname } from 'node:path';
import type { Bundle } from '../bundle/bundle.ts';
import type { CheckProgress, CheckResult } from '../bundle/check/check.ts';
import { unknownItems } from '../bundle/format/item.ts';
import { judgeSignature, type SignatureReport } from '../bundle/signing/prove.ts';
import { requireWritable } from '../disk/folder.ts';
import { sudoInvoker } from '../disk/owner.ts';
import { SaddlebagError } from '../internal/error.ts';
import type { Finding } from '../internal/finding.ts';
import { formatCount } from '../internal/format.ts';
import { ProblemsError } from '../internal/problems.ts';
import type { Digest } from '../oci/digest.ts';
import type { Ears } from '../steps/ears.ts';
import {
  carriedUpgrade,
  openInstall,
  type Upgrade,
  type UpgradeOrderStep,
  requireKnown,
  unfinished,
  writeRetryList,
  missingOfCarried,
} from '../steps/open-install.ts';
import type { Surroundings } from '../steps/surroundings.ts';
import { leftOutOf, planAll, prepareAll, proveAll, reachAll } from '../targets/all-targets.ts';
import { type Applied, applyPlans, type ApplyProgress, errorOf, type Plan } from '../targets/apply-plans.ts';
import type { TargetChoice } from '../targets/choice.ts';
import { requireSpace, type Space, spacesOf } from '../targets/disk-space.ts';
import { InstallRecord } from '../targets/receipts/record.ts';
import type { Action, ActionResult, Target } from '../targets/target.ts';
import type { TrustWish } from '../steps/signing/trusted-keys.ts';

export type { Upgrade, UpgradeOrderStep };

/** What to install, and where. */
export interface InstallWish extends TrustWish {
  /** The bundle. */
  readonly path: string;
  /** Targets to fill; every target that fits this host when none is named. */
  readonly targets?: TargetChoice | undefined;
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
  /** Verifies all of a bundle in a registry, too, and not only what is taken from it. */
  readonly whole?: boolean | undefined;
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
  /** The upgrade that the releases in the bundle make up, in the order of its steps; left out when they make up none. */
  readonly upgrade?: Upgrade | undefined;
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
  const { retry, dryRun = false } = wish;
  const { signal, onFinding, onProgress, onNetwork } = ears;
  await using opened = await openInstall(wish, surroundings, { signal, onFinding, onNetwork });
  const { bundle, only, receipt } = opened;
  // Verifying a large bundle takes minutes, so everything that can fail at once is tried before that.
  const { targets, absences } = await reachAll(opened.targets, { signal, all: only !== undefined });
  if (!dryRun) await requireWritable(dirname(receipt));
  const onVerify = (progress: CheckProgress): void => onProgress?.({ phase: 'verify', ...progress });
  const checked = await opened.verify({ signal, onProgress: onVerify });
  const plans = await planAll(targets, {
    bundle,
    checked,
    signal,
    onTarget: (target) => onProgress?.({ phase: 'plan', target }),
  });
  if (only !== undefined && retry !== undefined) requireKnown(only, plans, retry);
  const upgrade = carriedUpgrade(bundle, {
    withDesktops: targets.some(({ name }) => name === 'rancher-desktop'),
  });
  const notices = [
    ...(upgrade?.findings ?? []),
    ...absences,
    ...repairsOf(bundle, checked),
    ...unknownKinds(bundle),
    ...(await missingOfCarried(bundle, { signal })),
    ...(await leftOutOf(targets, { signal })),
  ];
  const space = await spacesOf(plans);
  const known = {
    root: bundle.root,
    ...(await judgeSignature(bundle, { signal })),
    upgrade: upgrade?.upgrade,
    space,
  };
  if (dryRun) return { ...known, actions: rehearsed(plans), findings: notices };
  requireSpace(space);
  const invoker = sudoInvoker(surroundings.env);
  await using record = await InstallRecord.begin({ path: receipt, bundle, plans, invoker });
  await using staging = await opened.verifyTaken(plans, { signal, onProgress: onVerify });
  await prepareAll(plans, { signal });
  const applied = await applyPlans(plans, {
    log: record,
    staging,
    signal,
    onProgress: (progress) => onProgress?.({ phase: 'apply', ...progress }),
  });
  const done = await finish(applied, { plans, targets, record, notices, retry }, ears);
  const result = { ...known, ...done, receipt };
  if (!isProven(done.findings)) throw new UnprovenError(result);
  return result;
}

/** An install whose plans were carried out. */
interface Work {
  readonly plans: readonly Plan[];
  readonly targets: readonly Target[];
  readonly record: InstallRecord;
  readonly notices: readonly Finding[];
  readonly retry: string | undefined;
}

/**
 * Proves what was done and records it. After a failure it records what was done so far, so that it can be taken back.
 */
async function finish(
  { results, failures }: Applied,
  { plans, targets, record, notices, retry }: Work,
  { onProgress, signal }: Ears<InstallProgress>,
): Promise<Pick<InstallResult, 'actions' | 'findings'>> {
  const leave = async (references: readonly string[]): Promise<void> => {
    if (retry !== undefined) await writeRetryList(retry, references);
  };
  if (failures.length > 0) {
    await record.close({ complete: false });
    await leave(unfinished(plans, results));
    throw errorOf(failures, results.length + failures.length);
  }
  const onTarget = (target: string): void => onProgress?.({ phase: 'prove', target });
  const kept = results.flatMap(keptFindings);
  const findings = [...notices, ...kept, ...(await proveAll(targets, { signal, onTarget }))];
  await record.close({ complete: isProven(findings) });
  await leave(
    findings.flatMap(({ level, about }) => (level === 'error' && about !== undefined ? [about] : [])),
  );
  return { actions: results.map((result) => actionOf(result, result.outcome)), findings };
}

function isProven(findings: readonly Finding[]): boolean {
  return findings.every(({ level }) => level !== 'error');
}

function keptFindings({ destination, keptAside }: ActionResult): readonly Finding[] {
  if (keptAside === undefined) return [];
  const message = `${destination} held something else and was replaced: what was there is in ${keptAside}`;
  return [{ level: 'warning', message }];
}

/** The user should know: a base covered the damage today, but the bundle is still damaged. */
function repairsOf({ path }: Bundle, { tally: { madeGood } }: CheckResult): readonly Finding[] {
  if (madeGood.count === 0) return [];
  return [
    {
      level: 'warning',
      message: `"${path}" is damaged, and a base supplied what was wrong: ${formatCount(madeGood.count, 'problem')}`,
      hint: 'Repair it with "bundle repair", or copy it again.',
    },
  ];
}

/** A later version of the format may have kinds that no target here knows a place for. */
function unknownKinds(bundle: Bundle): readonly Finding[] {
  const kinds = Map.groupBy(unknownItems(bundle.document.items), ({ token }) => token);
  return [...kinds].map(([kind, items]) => ({
    level: 'warning',
    message: `Where "${kind}" belongs is not known here: ${formatCount(items.length, 'item')} of that kind`,
    hint: 'Their files go to a folder with --files DIR; a later version of saddlebag may know their place.',
  }));
}

function rehearsed(plans: readonly Plan[]): readonly InstallAction[] {
  const actions = plans.flatMap((plan) => plan.actions);
  return actions.map((action) => actionOf(action, action.state === 'present' ? 'present' : 'planned'));
}

/** Drops the fields that only the target and the receipt need. */
function actionOf(action: Action, outcome: InstallAction['outcome']): InstallAction {
  const { target, kind, name, destination, bytes, state } = action;
  return { target, kind, name, destination, bytes, state, outcome };
}
