import { basename, dirname, join, resolve } from 'node:path';
import { connect } from '../steps/connect.ts';
import type { SaddlebagError } from '../internal/error.ts';
import type { Finding } from '../internal/finding.ts';
import { formatCount } from '../internal/format.ts';
import { ProblemsError } from '../internal/problems.ts';
import type { Digest } from '../oci/digest.ts';
import { bundleOpener } from '../steps/carrier.ts';
import type { Ears } from '../steps/ears.ts';
import { hostEnvironment, type Surroundings } from '../steps/surroundings.ts';
import { pushSettings } from '../registry/settings/push-settings.ts';
import { readRegistries } from '../spec/registries/read.ts';
import { sudoInvoker } from '../disk/owner.ts';
import { stateFolder } from '../targets/host-paths.ts';
import { RECEIPTS } from '../targets/receipts/file.ts';
import { findReceipt, readReceiptFile } from '../targets/receipts/receipts.ts';
import { claimsOf, type Heirloom, type KeptReceipt, otherReceipts } from '../targets/uninstall/claims.ts';
import { byHeir, takeBack, type TakenBack } from '../targets/uninstall/take-back.ts';

/** What a user wants taken back. */
export interface UninstallWish {
  /** Path of the receipt of an install, or of the bundle that was installed. */
  readonly receipt: string;
  /** Reports what would be removed and changes nothing. */
  readonly dryRun?: boolean | undefined;
  /** Path of a registries file with credentials and certificates. */
  readonly registriesFile?: string | undefined;
  /** Path of a PEM file with certificate authorities to trust at every host, besides those of this machine. */
  readonly caFile?: string | undefined;
}

export interface UninstallResult {
  /** Root digest of the bundle that was installed. */
  readonly root: Digest;
  /** Path of the receipt. The file is deleted unless this was a dry run. */
  readonly receipt: string;
  readonly actions: readonly TakenBack[];
  readonly findings: readonly Finding[];
}

/**
 * Removes what an install placed, if it is unchanged since and no other receipt in the same folder claims it. What
 * another receipt claims is handed over to that receipt. An uninstall that was interrupted or failed can be run again:
 * it continues with what is left, and deletes the receipt last.
 *
 * @throws `ERR_DISK_FAILED` when the receipt cannot be read, `ERR_DOCUMENT_INVALID`, `ERR_CONTENT_NOT_FOUND` when a bundle has none here, `ERR_INTERRUPTED`; the error of a
 * failed step, or `ProblemsError` `ERR_TARGET_FAILED` when several failed
 */
export async function uninstall(
  wish: UninstallWish,
  surroundings: Surroundings,
  { signal, onFinding, onNetwork }: Ears = {},
): Promise<UninstallResult> {
  const { receipt: path, registriesFile, caFile, dryRun = false } = wish;
  const { env } = surroundings;
  const settings =
    registriesFile === undefined
      ? undefined
      : await readRegistries(registriesFile, { env, signal, onFinding });
  const open = bundleOpener({ registriesFile, caFile, settings }, surroundings, {
    signal,
    onFinding,
    onNetwork,
  });
  const file = await findReceipt(path, {
    stateFolder: stateFolder(hostEnvironment(surroundings)),
    doing: 'uninstall',
    open,
    signal,
  });
  const own = { path: file, receipt: await readReceiptFile(file) };
  const told: Finding[] = [];
  const others: KeptReceipt[] = [];
  for (const folder of receiptFolders(own.path, surroundings))
    others.push(...(await otherReceipts(folder, own, (finding) => told.push(finding))));
  await using network = connect({ settings: pushSettings(settings), caFile }, surroundings, {
    signal,
    onFinding,
    onNetwork,
  });
  const invoker = sudoInvoker(env);
  const { result, failures } = await takeBack(own, {
    dryRun,
    claims: claimsOf(others),
    registryAt: surroundings.openRegistry ?? ((host: string) => network.registries.open(host)),
    home: resolve(surroundings.home),
    host: hostEnvironment(surroundings),
    invoker,
    signal,
  });
  if (failures.length > 0) throw errorOf(failures);
  return {
    root: own.receipt.root,
    receipt: own.path,
    actions: result.actions,
    findings: [...told, ...result.findings, ...sharedFindings(result.heirlooms)],
  };
}

/** Returns this user's receipt folder, and the folder of the given receipt when that belongs to another user. */
function receiptFolders(path: string, surroundings: Surroundings): readonly string[] {
  const own = join(stateFolder(hostEnvironment(surroundings)), RECEIPTS);
  const beside = dirname(path);
  return basename(beside) === basename(own) && beside !== own ? [own, beside] : [own];
}

function sharedFindings(heirlooms: readonly Heirloom[]): readonly Finding[] {
  return [...byHeir(heirlooms)].map(([{ path }, own]) => ({
    level: 'ok',
    message: `${path} requires ${formatCount(own.length, 'thing')} of these, which stay until that install is taken back`,
    about: path,
  }));
}

function errorOf(failures: readonly SaddlebagError[]): SaddlebagError {
  const [first] = failures;
  if (first !== undefined && failures.length === 1) return first;
  const message = `Cannot uninstall: ${formatCount(failures.length, 'step')} failed`;
  return new ProblemsError('ERR_TARGET_FAILED', message, {
    problems: failures,
    hint: 'Fix the causes and run the command again: the receipt lists what is left.',
  });
}
