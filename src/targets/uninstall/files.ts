import { lstat, readlink, rm } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';
import { systemCode } from '../../internal/error.ts';
import type { Finding } from '../../internal/finding.ts';
import type { WaitOptions } from '../../oci/roles.ts';
import { isSumsName } from '../../products/distribution/asset.ts';
import { removeEmptied } from './emptied-folders.ts';
import { digestOfFile } from '../receipts/placed-state.ts';
import { DigestTable } from '../receipts/digests.ts';
import { isReference, type Receipt } from '../receipts/receipt.ts';
import { atTarget } from '../../disk/errno.ts';
import { clearLeftovers } from '../../disk/sharing/temporary.ts';
import { isWithin } from '../../disk/within.ts';
import type { Heirloom, KeptReceipt } from './claims.ts';
import type { LeftThere } from '../kind.ts';
import { type FilePlace, locateFile, locateFolder } from '../placed-files.ts';
import type { Removal, RemovalOptions, StepOptions, StepResult, TakenBack } from './step.ts';

/** Which target placed the files, and how it goes about folders. */
export interface FileRemovalRules {
  /** Name of the target. */
  readonly target: string;
  /** Whether the place is the root directory of another system; links must not lead out of it. */
  readonly isRoot?: boolean | undefined;
  /** Folders that stay even when empty, and all their parents. The place itself is always one. */
  readonly floors?: readonly string[] | undefined;
  /** Returns the unit a file belongs to, which is removed or kept as a whole; the file itself when left out. */
  readonly destinationOf?: ((path: string) => string) | undefined;
}

/** Returns steps that remove the files at a place that are unchanged since the install. */
export function fileRemovals(
  { place, paths, receipt, maybe }: LeftThere,
  rules: FileRemovalRules,
  options: RemovalOptions,
): readonly Removal[] {
  const { target, isRoot, floors = [], destinationOf = (path) => path } = rules;
  const at = { target, folder: place, isRoot };
  const cleared = new Set<string>();
  const clearWork = async (folders: readonly string[]): Promise<void> => {
    for (const folder of folders) {
      if (cleared.has(folder)) continue;
      cleared.add(folder);
      // The install was interrupted while working on these.
      if (isWithin(place, folder)) await clearLeftovers(await locateFolder(at, folder));
    }
  };
  return [...Map.groupBy(paths, destinationOf)].map(([destination, own]) => {
    const { kind = 'file', name = destination } = itemAt(receipt, destination) ?? {};
    const unit = { at, kind, name, destination, paths: own, floors: [options.home, place, ...floors] };
    return {
      run: async () => {
        if (!options.dryRun)
          await clearWork([place, dirname(destination), ...own.map((path) => dirname(path))]);
        return await takeBackFiles(unit, { receipt, maybe }, options);
      },
    };
  });
}

function itemAt({ items }: Receipt, destination: string): Receipt['items'][number] | undefined {
  return items.find((item) => !isReference(item) && resolve(item.destination) === resolve(destination));
}

/** Files that are removed or kept together. */
interface PlacedUnit {
  readonly at: FilePlace;
  readonly kind: string;
  readonly name: string;
  readonly destination: string;
  readonly paths: readonly string[];
  readonly floors: readonly string[];
}

/** Removes the files of a unit that are unchanged since the install, and the folders that become empty. */
async function takeBackFiles(
  unit: PlacedUnit,
  { receipt, maybe }: Pick<LeftThere, 'receipt' | 'maybe'>,
  { claims, dryRun, signal }: StepOptions,
): Promise<StepResult> {
  const { at, kind, name, destination, paths, floors } = unit;
  const resultOf = (outcome: TakenBack['outcome'], rest: Partial<StepResult> = {}): StepResult => ({
    actions: [{ target: at.target, kind, name, destination, outcome }],
    findings: [],
    heirlooms: [],
    settled: [destination, ...paths],
    ...rest,
  });
  const heir = paths.map((path) => claims.file(path)).find((claim) => claim !== undefined);
  if (heir !== undefined) return resultOf('kept', { heirlooms: [heirloomOf(paths, heir, receipt)] });
  const states = await Promise.all(
    paths.map(async (path) => {
      const real = await locateFile(at, path);
      return { path, real, state: await stateOf(path, receipt, { real, signal }) };
    }),
  );
  const present = states.filter(({ state }) => state === 'placed').map(({ real }) => real);
  const changed = states.filter(({ state }) => state === 'changed').map(({ path }) => path);
  // A file that the install was only about to place may be older than the install.
  if (changed.length > 0 && present.length === 0 && changed.every((path) => maybe.has(path)))
    return resultOf('absent');
  // Half a release in the cache would stop Rancher Desktop.
  if (changed.length > 0) return resultOf('kept', { findings: changed.map(changedFinding) });
  if (!dryRun) {
    for (const path of sumsFirst(present))
      await atTarget('remove', path, async () => await rm(path, { force: true }));
    const stay = await Promise.all(floors.map(async (floor) => await locateFolder(at, floor)));
    const folders = new Set(states.map(({ real }) => dirname(real)));
    // Receipts of earlier versions do not say which folders existed before.
    if (receipt.folders === undefined) for (const folder of folders) await removeEmptied(folder, stay);
  }
  return resultOf(present.length === 0 ? 'absent' : 'removed');
}

function heirloomOf(paths: readonly string[], heir: KeptReceipt, { files }: Receipt): Heirloom {
  return { heir, part: { paths, files: files.filter(({ path }) => paths.includes(path)) } };
}

/** Compares size first, then every byte. A link is what was placed only where the receipt says so. */
async function stateOf(
  path: string,
  { files, blobs }: Receipt,
  { real, signal }: WaitOptions & { readonly real: string },
): Promise<'placed' | 'changed' | 'absent'> {
  return await atTarget('read', path, async () => {
    try {
      const found = await lstat(real);
      const placed = files.find((file) => file.path === path);
      if (placed?.link !== undefined)
        return found.isSymbolicLink() && (await readlink(real)) === placed.link ? 'placed' : 'changed';
      if (!found.isFile() || (placed !== undefined && placed.size !== found.size)) return 'changed';
      const digest = await digestOfFile(real, { signal });
      // Receipts of earlier versions have no digest per file, only all the digests of the install.
      const isPlaced = placed === undefined ? DigestTable.of(blobs).has(digest) : placed.digest === digest;
      return isPlaced ? 'placed' : 'changed';
    } catch (error) {
      if (['ENOENT', 'ENOTDIR'].includes(systemCode(error) ?? '')) return 'absent';
      throw error;
    }
  });
}

/** Rancher Desktop waits for ever for the executable of a sums file, so an interruption must not leave one alone. */
function sumsFirst(paths: readonly string[]): readonly string[] {
  const isSums = (path: string): boolean => isSumsName(basename(path));
  return [...paths.filter(isSums), ...paths.filter((path) => !isSums(path))];
}

function changedFinding(path: string): Finding {
  return {
    level: 'warning',
    message: `${path} was changed since it was placed, and stays`,
    hint: 'Remove it by hand if nothing needs it.',
    about: path,
  };
}
