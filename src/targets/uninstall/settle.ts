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
 * Removes the folders that are empty now, hands on what others count on, and then lets the receipt go, or keeps in it what is
 * left. Throws what writing a receipt throws.
 */
export async function settleReceipt(own: KeptReceipt, settlement: Settlement): Promise<void> {
  const { result, failures, claims, invoker } = settlement;
  const { folders = [] } = own.receipt;
  const places = [...placesOf(allTraces(own.receipt)), { place: own.path, isRoot: false }];
  const left = await takeBackFolders(folders, { ...settlement, places });
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
  // What held nothing but the receipt.
  await takeBackFolders(left, { ...settlement, places });
}

/** Returns heirlooms by who gets them. */
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
    // What an heir placed there itself is what it knows it by.
    files: [...parts.flatMap(({ files = [] }) => files), ...receipt.files],
    listed: parts.flatMap(({ listed = [] }) => listed),
    references: [...parts.flatMap(({ references = [] }) => references), ...receipt.references],
  };
}

/** A receipt of which something has been taken back is not one that a delta may count on. */
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

/** Where receipts are kept nobody else keeps anything; but a receipt may have been brought here from anywhere. */
async function leaveFolder(path: string): Promise<void> {
  const folder = dirname(path);
  await clearLeftovers(folder, basename(path));
  const state = dirname(folder);
  if (basename(folder) === RECEIPTS && basename(state) === STATE)
    await removeEmptied(folder, [dirname(state)]);
}
