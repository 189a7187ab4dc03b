import { basename, dirname, resolve } from 'node:path';
import type { Owner } from '../../disk/owner.ts';
import { clearLeftovers } from '../../disk/sharing/temporary.ts';
import type { SaddlebagError } from '../../internal/error.ts';
import { STATE } from '../host-paths.ts';
import { RECEIPTS, updateReceipt, writeReceipt } from '../receipts/file.ts';
import { allTraces, type Receipt } from '../receipts/receipt.ts';
import type { Traces } from '../receipts/traces.ts';
import { TARGETS } from '../targets.ts';
import type { Claims, Heirloom, KeptReceipt } from './claims.ts';
import { removeEmptied, takeBackFolders } from './emptied-folders.ts';
import type { StepResult } from './step.ts';

export interface Settlement {
  readonly result: StepResult;
  readonly failures: readonly SaddlebagError[];
  readonly claims: Claims;
  /** Who called `sudo`. */
  readonly invoker?: Owner | undefined;
  /** Home folder of the user. */
  readonly home: string;
}

/**
 * Removes the folders that are now empty, hands over what others claim, and then deletes the receipt or keeps in it
 * what is left. Throws what writing a receipt throws.
 */
export async function settleReceipt(own: KeptReceipt, settlement: Settlement): Promise<void> {
  const { result, failures, claims, invoker, home } = settlement;
  const { folders = [] } = own.receipt;
  const places = [...placesOf(allTraces(own.receipt)), { place: own.path, isRoot: false }];
  const left = await takeBackFolders(folders, { places, home });
  for (const [{ path, receipt }, heirlooms] of byHeir(result.heirlooms))
    await writeReceipt(path, { ...receipt, ...inheritedBy(receipt, heirlooms) }, { invoker });
  for (const [heir, inherited] of Map.groupBy(left, (folder) => claims.inside(folder)))
    if (heir !== undefined)
      await writeReceipt(heir.path, { ...heir.receipt, folders: inherited }, { invoker });
  const isDone = failures.length === 0;
  const settled = new Set(result.settled);
  await updateReceipt(own.path, own.receipt.root, {
    invoker,
    change: (now) => (isDone ? undefined : whatIsLeft(now ?? own.receipt, { settled, folders: left })),
  });
  if (!isDone) return;
  await leaveFolder(own.path);
  // Folders that held only the receipt.
  await takeBackFolders(left, { places, home });
}

/** Groups heirlooms by the receipt that gets them. */
export function byHeir(heirlooms: readonly Heirloom[]): ReadonlyMap<KeptReceipt, readonly Heirloom[]> {
  return Map.groupBy(heirlooms, ({ heir }) => heir);
}

function placesOf({ targets }: Traces): readonly { readonly place: string; readonly isRoot: boolean }[] {
  return targets.flatMap(({ target, place }) => {
    const kind = TARGETS.find(({ name }) => name === target);
    return kind?.isOnDisk === true ? [{ place: resolve(place), isRoot: kind.isRoot === true }] : [];
  });
}

function inheritedBy(receipt: Receipt, heirlooms: readonly Heirloom[]): Partial<Traces> {
  const parts = heirlooms.map(({ part }) => part);
  return {
    paths: parts.flatMap(({ paths = [] }) => paths),
    // The heir's own entries come last and win, because it recognises its files by them.
    files: [...parts.flatMap(({ files = [] }) => files), ...receipt.files],
    listed: parts.flatMap(({ listed = [] }) => listed),
    references: [...parts.flatMap(({ references = [] }) => references), ...receipt.references],
  };
}

/** After something has been taken back, a delta must no longer rely on the receipt, so it is incomplete. */
function whatIsLeft(
  receipt: Receipt,
  { settled, folders }: { readonly settled: ReadonlySet<string>; readonly folders: readonly string[] },
): Receipt {
  const { begun } = receipt;
  return {
    ...receipt,
    ...unsettled(receipt, settled),
    begun: begun && unsettled(begun, settled),
    complete: false,
    folders: receipt.folders === undefined ? undefined : folders,
  };
}

function unsettled(traces: Traces, settled: ReadonlySet<string>): Traces {
  return {
    targets: traces.targets,
    items: traces.items.filter(({ destination }) => !settled.has(destination)),
    paths: traces.paths.filter((path) => !settled.has(path)),
    files: traces.files.filter(({ path }) => !settled.has(path)),
    listed: traces.listed.filter(({ path }) => !settled.has(path)),
    references: traces.references.filter(({ reference }) => !settled.has(reference)),
  };
}

/** A receipts folder holds nothing else and may go when empty; but a receipt may have been moved to any folder. */
async function leaveFolder(path: string): Promise<void> {
  const folder = dirname(path);
  await clearLeftovers(folder, basename(path));
  const state = dirname(folder);
  if (basename(folder) === RECEIPTS && basename(state) === STATE)
    await removeEmptied(folder, [dirname(state)]);
}
