import { join, resolve } from 'node:path';
import { sudoInvoker } from '../disk/owner.ts';
import { SaddlebagError } from '../internal/error.ts';
import type { Finding } from '../internal/finding.ts';
import { uniqueBy } from '../internal/order.ts';
import { ProblemsError } from '../internal/problems.ts';
import type { Digest } from '../oci/digest.ts';
import { pushSettings } from '../registry/settings/push-settings.ts';
import { readRegistries } from '../spec/registries/read.ts';
import { type BundleOpener, bundleOpener } from '../steps/carrier.ts';
import { connect } from '../steps/connect.ts';
import type { Ears } from '../steps/ears.ts';
import { hostEnvironment, type Surroundings } from '../steps/surroundings.ts';
import { stateFolder } from '../targets/host-paths.ts';
import { RECEIPTS } from '../targets/receipts/file.ts';
import { findReceipt, readReceiptFile, receiptNames } from '../targets/receipts/receipts.ts';
import { claimsOf, type KeptReceipt } from '../targets/uninstall/claims.ts';
import { takeBack, type TakenBack } from '../targets/uninstall/take-back.ts';
import { isWithin } from '../disk/within.ts';

/** Which installs stay. */
export interface PruneWish {
  /** Paths of receipts, or of bundles that were installed; at least one. */
  readonly keep: readonly string[];
  /** Reports what would be removed and changes nothing. */
  readonly dryRun?: boolean | undefined;
  /** Path of a registries file with credentials and certificates. */
  readonly registriesFile?: string | undefined;
  /** Path of a PEM file with certificate authorities to trust at every host, besides those of this machine. */
  readonly caFile?: string | undefined;
}

/** An install that was, or would be, taken back. */
export interface PrunedInstall {
  /** Path of its receipt. */
  readonly receipt: string;
  /** Name and root digest of the bundle. */
  readonly name: string;
  readonly root: Digest;
}

export interface PruneResult {
  readonly pruned: readonly PrunedInstall[];
  /** Paths of the receipts that stay. */
  readonly kept: readonly string[];
  readonly actions: readonly TakenBack[];
  /** Bytes of the files among them that are removed; what registries free is theirs to tell. */
  readonly bytes: number;
  readonly findings: readonly Finding[];
}

/**
 * Takes back every install of this user but the kept ones: what they brought and no kept one needs. Nothing goes that no receipt
 * has, that was changed since, or that an install needs which is not complete.
 *
 * @throws `ERR_USAGE_INVALID` when nothing is kept; `ERR_CONTENT_NOT_FOUND` for a receipt that is not of an install here;
 * `ERR_DISK_FAILED`, `ERR_DOCUMENT_INVALID`, `ERR_INTERRUPTED`; `ProblemsError` `ERR_TARGET_FAILED` with every failed step
 */
export async function prune(
  wish: PruneWish,
  surroundings: Surroundings,
  { signal, onFinding, onNetwork }: Ears = {},
): Promise<PruneResult> {
  const { registriesFile, caFile, dryRun = false } = wish;
  const { env } = surroundings;
  const settings =
    registriesFile === undefined
      ? undefined
      : await readRegistries(registriesFile, { env, signal, onFinding });
  const all = await receiptsHere(join(stateFolder(hostEnvironment(surroundings)), RECEIPTS));
  const open = bundleOpener({ registriesFile, caFile, settings }, surroundings, {
    signal,
    onFinding,
    onNetwork,
  });
  const wanted = await keptRoots(wish.keep, surroundings, { signal, all, open });
  const isKept = ({ receipt }: KeptReceipt): boolean => wanted.has(receipt.root) || !receipt.complete;
  const [kept, going] = [all.filter(isKept), all.filter((each) => !isKept(each))];
  const findings = kept.filter(({ receipt }) => !wanted.has(receipt.root)).map(incompleteFinding);
  await using network = connect({ settings: pushSettings(settings), caFile }, surroundings, {
    signal,
    onFinding,
    onNetwork,
  });
  const options = {
    dryRun,
    // Another install that goes too keeps nothing: what both brought goes with the first of them.
    claims: claimsOf(kept),
    registryAt: surroundings.openRegistry ?? ((host: string) => network.registries.open(host)),
    home: resolve(surroundings.home),
    host: hostEnvironment(surroundings),
    invoker: sudoInvoker(env),
    signal,
  };
  const actions: TakenBack[] = [];
  const failures: SaddlebagError[] = [];
  let bytes = 0;
  const counted = new Set<string>();
  for (const own of going) {
    const taken = await takeBack(own, options);
    for (const { path, size } of removedFiles(own, taken.result.actions)) {
      if (!counted.has(path)) bytes += size;
      counted.add(path);
    }
    actions.push(...taken.result.actions);
    findings.push(...taken.result.findings);
    failures.push(...taken.failures);
  }
  if (failures.length > 0)
    throw new ProblemsError('ERR_TARGET_FAILED', 'Cannot prune: some steps failed', { problems: failures });
  return {
    pruned: going.map(({ path, receipt: { name, root } }) => ({ receipt: path, name, root })),
    kept: kept.map(({ path }) => path),
    actions: uniqueBy(actions, ({ target, destination }) => `${target} ${destination}`),
    bytes,
    findings,
  };
}

/** One that cannot be read might need anything, so it stops the work. */
async function receiptsHere(folder: string): Promise<readonly KeptReceipt[]> {
  const names = await receiptNames(folder);
  return await Promise.all(
    names.map(async (name) => {
      const path = join(folder, name);
      return { path, receipt: await readReceiptFile(path) };
    }),
  );
}

/** A receipt is told by its bundle: a copy of it means the same install. */
async function keptRoots(
  keep: readonly string[],
  surroundings: Surroundings,
  {
    signal,
    all,
    open,
  }: Pick<Ears, 'signal'> & { readonly all: readonly KeptReceipt[]; readonly open: BundleOpener },
): Promise<ReadonlySet<Digest>> {
  if (keep.length === 0)
    throw new SaddlebagError('ERR_USAGE_INVALID', 'Cannot prune: nothing is kept', {
      hint: 'Name the installs that stay with --keep RECEIPT; "bundle receipts" lists them. To take one back, use "bundle uninstall".',
    });
  const roots = new Set<Digest>();
  for (const path of keep) {
    const file = await findReceipt(path, {
      stateFolder: stateFolder(hostEnvironment(surroundings)),
      doing: 'keep',
      open,
      signal,
    });
    const { root } = await readReceiptFile(file);
    if (!all.some(({ receipt }) => receipt.root === root))
      throw new SaddlebagError(
        'ERR_CONTENT_NOT_FOUND',
        `Cannot keep "${path}": it is of no install by this user on this host`,
        {
          hint: '"bundle receipts" lists what is installed here.',
        },
      );
    roots.add(root);
  }
  return roots;
}

function removedFiles(
  { receipt }: KeptReceipt,
  actions: readonly TakenBack[],
): KeptReceipt['receipt']['files'] {
  const removed = actions
    .filter(({ outcome }) => outcome === 'removed')
    .map(({ destination }) => destination);
  return receipt.files.filter(({ path }) =>
    removed.some((destination) => destination === path || isWithin(destination, path)),
  );
}

function incompleteFinding({ path, receipt: { name } }: KeptReceipt): Finding {
  return {
    level: 'warning',
    message: `The install of "${name}" is not complete, and stays`,
    hint: `Run it again, or take it back: bundle uninstall ${path}`,
    about: path,
  };
}
