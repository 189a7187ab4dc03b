import { rm } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { connect } from '../steps/connect.ts';
import { isSaddlebagError, SaddlebagError } from '../internal/error.ts';
import type { Finding } from '../internal/finding.ts';
import { formatCount } from '../internal/format.ts';
import { throwIfInterrupted } from '../internal/interrupt.ts';
import { ProblemsError } from '../internal/problems.ts';
import type { Ears } from '../steps/ears.ts';
import { hostEnvironment, type Surroundings } from '../steps/surroundings.ts';
import { pushSettings } from '../registry/settings/push-settings.ts';
import { readRegistries } from '../spec/registries/read.ts';
import { sudoInvoker, type Owner } from '../disk/owner.ts';
import { stateFolder } from '../targets/host-paths.ts';
import { replaceReceipt, writeReceipt } from '../targets/receipts/file.ts';
import type { Receipt } from '../targets/receipts/receipt.ts';
import { readReceiptFile } from '../targets/receipts/receipts.ts';
import { atTarget } from '../disk/errno.ts';
import { claimsOf, type Heirloom, type KeptReceipt, otherReceipts } from '../targets/uninstall/claims.ts';
import { TARGETS } from '../targets/targets.ts';
import { sortReceipt, type SortedReceipt } from '../targets/uninstall/places.ts';
import {
  joinSteps,
  type Removal,
  type RemovalOptions,
  type StepResult,
  type TakenBack,
} from '../targets/uninstall/step.ts';

/** What a user wants taken back. */
export interface UninstallWish {
  /** Path of the receipt of an install. */
  readonly receipt: string;
  /** Says what would go, and changes nothing. */
  readonly dryRun?: boolean | undefined;
  /** Path of a registries file with credentials and certificates. */
  readonly registriesFile?: string | undefined;
}

export interface UninstallResult {
  /** Path of the receipt. It is gone, unless this was a dry run. */
  readonly receipt: string;
  readonly actions: readonly TakenBack[];
  readonly findings: readonly Finding[];
}

/**
 * Takes back what an install put where its receipt says, as far as it is still what the install put there and no other
 * receipt beside it counts on it. What another counts on passes into that receipt. Doing it again after an interruption
 * or a failure goes on with what is left; the receipt is the last to go.
 *
 * @throws `ERR_DISK_FAILED` when the receipt cannot be read, `ERR_DOCUMENT_INVALID`, `ERR_INTERRUPTED`; what kept a step
 * from being done, or `ProblemsError` `ERR_TARGET_FAILED` when several were
 */
export async function uninstall(
  wish: UninstallWish,
  surroundings: Surroundings,
  { signal, onFinding }: Ears = {},
): Promise<UninstallResult> {
  const { receipt: path, registriesFile, dryRun = false } = wish;
  const { env } = surroundings;
  const settings =
    registriesFile === undefined
      ? undefined
      : await readRegistries(registriesFile, { env, signal, onFinding });
  const own = { path: resolve(path), receipt: await readReceiptFile(path) };
  const told: Finding[] = [];
  const others: KeptReceipt[] = [];
  for (const folder of receiptFolders(own.path, surroundings))
    others.push(...(await otherReceipts(folder, own, (finding) => told.push(finding))));
  await using network = connect({ settings: pushSettings(settings) }, surroundings, { signal, onFinding });
  const invoker = sudoInvoker(env);
  const { result, failures } = await takeAllBack(own, {
    dryRun,
    claims: claimsOf(others),
    registryAt: surroundings.openRegistry ?? ((host: string) => network.registries.open(host)),
    home: resolve(surroundings.home),
    invoker,
    signal,
  });
  if (!dryRun) await settle(own, { result, failures, invoker });
  if (failures.length > 0) throw errorOf(failures);
  return {
    receipt: own.path,
    actions: result.actions,
    findings: [...told, ...result.findings, ...sharedFindings(result.heirlooms)],
  };
}

/** The receipts of this user; and those beside this one, when it is another's. */
function receiptFolders(path: string, surroundings: Surroundings): readonly string[] {
  const own = join(stateFolder(hostEnvironment(surroundings)), 'receipts');
  const beside = dirname(path);
  return basename(beside) === basename(own) && beside !== own ? [own, beside] : [own];
}

interface Taken {
  readonly result: StepResult;
  readonly failures: readonly SaddlebagError[];
}

async function takeAllBack({ receipt }: KeptReceipt, options: RemovalOptions): Promise<Taken> {
  const steps: StepResult[] = [];
  const failures: SaddlebagError[] = [];
  const silent = new Set<string>();
  const attempt = async (removal: Removal): Promise<void> => {
    const { at } = removal;
    throwIfInterrupted(options.signal);
    // Not asked again for each image; all of these stay in the receipt.
    if (at !== undefined && silent.has(at)) return;
    try {
      steps.push(await removal.run(goneIn(steps)));
    } catch (error) {
      // A bug or an interruption ends it; whatever else failed, the rest can still be taken back.
      if (!isSaddlebagError(error) || error.code === 'ERR_INTERRUPTED') throw error;
      failures.push(error);
      if (at !== undefined && error.code === 'ERR_REGISTRY_UNREACHABLE') silent.add(at);
    }
  };
  const { places, unknown, strays } = sortReceipt(receipt, TARGETS);
  for (const { kind, left } of places)
    for (const removal of await kind.takeBack(left, options)) await attempt(removal);
  return {
    result: joinSteps([...steps, strayStep(strays)]),
    failures: [...failures, ...unknown.map(unknownTarget)],
  };
}

function goneIn(steps: readonly StepResult[]): ReadonlySet<string> {
  const actions = steps.flatMap((step) => step.actions);
  return new Set(actions.flatMap(({ outcome, destination }) => (outcome === 'kept' ? [] : [destination])));
}

function unknownTarget({ target, place }: SortedReceipt['unknown'][number]): SaddlebagError {
  return new SaddlebagError(
    'ERR_TARGET_REFUSED',
    `Cannot take back what is at "${place}": this program knows no target "${target}"`,
    { hint: 'Uninstall with the program that installed it; the receipt has what is left.' },
  );
}

/** Says of paths outside of all targets that they are left alone. */
function strayStep(paths: readonly string[]): StepResult {
  const findings = paths.map((path) => ({
    level: 'warning' as const,
    message: `${path} lies at none of the targets of the receipt, and stays`,
    about: path,
  }));
  return { actions: [], findings, heirlooms: [], settled: [] };
}

/** Hands on what others count on, and then lets the receipt go, or keeps in it what is left. */
async function settle(
  own: KeptReceipt,
  { result, failures, invoker }: Taken & { readonly invoker: Owner | undefined },
): Promise<void> {
  for (const [{ path, receipt }, heirlooms] of byHeir(result.heirlooms)) {
    const parts = heirlooms.map(({ part }) => part);
    const inherited = {
      paths: parts.flatMap(({ paths = [] }) => paths),
      // What an heir placed there itself is what it knows it by.
      files: [...parts.flatMap(({ files = [] }) => files), ...(receipt.files ?? [])],
      listed: parts.flatMap(({ listed = [] }) => listed),
      references: [...parts.flatMap(({ references = [] }) => references), ...receipt.references],
    };
    await writeReceipt(path, { ...receipt, ...inherited }, { invoker });
  }
  if (failures.length > 0) {
    await replaceReceipt(own.path, whatIsLeft(own.receipt, new Set(result.settled)), { invoker });
    return;
  }
  await atTarget('remove', own.path, async () => await rm(own.path, { force: true }));
}

function byHeir(heirlooms: readonly Heirloom[]): ReadonlyMap<KeptReceipt, readonly Heirloom[]> {
  return Map.groupBy(heirlooms, ({ heir }) => heir);
}

function sharedFindings(heirlooms: readonly Heirloom[]): readonly Finding[] {
  return [...byHeir(heirlooms)].map(([{ path }, own]) => ({
    level: 'ok',
    message: `${path} counts on ${formatCount(own.length, 'thing')} of these, which stay and go with that install`,
    about: path,
  }));
}

/** A receipt of which something has been taken back is not one that a delta may count on. */
function whatIsLeft(receipt: Receipt, settled: ReadonlySet<string>): Receipt {
  return {
    ...receipt,
    complete: false,
    items: receipt.items.filter(({ destination }) => !settled.has(destination)),
    paths: receipt.paths.filter((path) => !settled.has(path)),
    files: (receipt.files ?? []).filter(({ path }) => !settled.has(path)),
    listed: (receipt.listed ?? []).filter(({ path }) => !settled.has(path)),
    references: receipt.references.filter(({ reference }) => !settled.has(reference)),
  };
}

function errorOf(failures: readonly SaddlebagError[]): SaddlebagError {
  const [first] = failures;
  if (first !== undefined && failures.length === 1) return first;
  const message = `Cannot uninstall: ${formatCount(failures.length, 'step')} failed`;
  return new ProblemsError('ERR_TARGET_FAILED', message, {
    problems: failures,
    hint: 'Run the command again when they are mended: the receipt has what is left.',
  });
}
