import { lstat, rm } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { Finding } from '../../internal/finding.ts';
import { ownerUnder } from '../../disk/owner.ts';
import { parseDesktopTag } from '../../products/rancher-desktop/offer.ts';
import { placedState } from '../receipts/placed-state.ts';
import { versionFolder } from './version-folder.ts';
import { readVersionListFile, writeVersionListFile } from './version-list-file.ts';
import { VERSION_LIST, type VersionList } from '../../products/rancher-desktop/version-list.ts';
import type { Receipt } from '../receipts/receipt.ts';
import { atTarget } from '../../disk/errno.ts';
import { lockDocument } from '../../disk/sharing/lock.ts';
import type { WaitOptions } from '../../oci/roles.ts';
import { namesIn } from '../../disk/names.ts';
import type { RemovalOptions, StepResult, TakenBack } from '../uninstall/step.ts';

/** A cache, and what an uninstall knows of it. */
export interface CacheLeft {
  readonly receipt: Receipt;
  /** Root of the cache. */
  readonly cache: string;
  /** Folders of versions that were removed, or would be in a real run. */
  readonly gone: ReadonlySet<string>;
}

/**
 * Removes from Rancher Desktop's list of versions what an install added. A list that the install created, and that
 * nobody changed or claims, is deleted; otherwise only the added tags without a folder are removed.
 */
export async function takeBackVersionList(
  path: string,
  left: CacheLeft,
  options: RemovalOptions,
): Promise<StepResult> {
  const { receipt, cache } = left;
  const { claims, dryRun, invoker, signal } = options;
  const findings = asideOf(path, receipt);
  const heir = claims.file(path);
  const resultOf = (outcome: TakenBack['outcome'], rest: Partial<StepResult> = {}): StepResult => ({
    actions: [
      {
        target: 'rancher-desktop',
        kind: 'k3s-versions',
        name: VERSION_LIST,
        destination: path,
        outcome,
      },
    ],
    findings,
    heirlooms: [],
    settled: [path],
    ...rest,
  });
  if ((await readVersionListFile(path)).type === 'absent') return resultOf('absent');
  await using _lock = dryRun ? undefined : await lockDocument(path, { signal });
  const file = await readVersionListFile(path);
  if (file.type === 'absent') return resultOf('absent');
  if (file.type === 'foreign') return resultOf('kept', { findings: [...findings, foreignFinding(path)] });
  const folders = await foldersLeft(left);
  const isOurs = heir === undefined && (await isAsPlaced(path, receipt, { signal }));
  const kept = isOurs && folders.size === 0 ? EMPTY : without(file.list, droppedTags(path, receipt, folders));
  if (heir === undefined && kept.versions.length === 0) {
    if (!dryRun) await atTarget('remove', path, async () => await rm(path, { force: true }));
    return resultOf('removed');
  }
  // A tag that has a folder stays as long as the folder, whoever owns it.
  const still = receipt.listed.filter((one) => one.path === path && folders.has(one.tag));
  // A folder that could not be removed now may be next time, and then its tag must go too.
  const settled = heir === undefined && still.length > 0 ? [] : [path];
  const heirlooms = heir === undefined ? [] : [{ heir, part: { paths: [path], listed: still } }];
  if (kept.versions.length === file.list.versions.length) return resultOf('kept', { heirlooms, settled });
  if (!dryRun) {
    const owner = await ownerUnder(cache, invoker);
    await writeVersionListFile(path, kept, { owner, signal });
  }
  return resultOf('removed', { heirlooms, settled });
}

const EMPTY: VersionList = { versions: [], channels: {} };

async function foldersLeft({ cache, gone }: CacheLeft): Promise<ReadonlySet<string>> {
  const folder = join(cache, 'k3s');
  const names = await namesIn(folder);
  return new Set(
    names.filter((name) => parseDesktopTag(name) !== undefined && !gone.has(join(folder, name))),
  );
}

async function isAsPlaced(path: string, receipt: Receipt, { signal }: WaitOptions): Promise<boolean> {
  const placed = receipt.files.find((file) => file.path === path);
  if (placed === undefined || !(await lstat(path)).isFile()) return false;
  return (await placedState(path, { descriptor: placed, mode: 0 }, { signal })) === 'present';
}

/** Receipts of earlier versions do not list what was added, but they do list the releases placed. */
function droppedTags(path: string, receipt: Receipt, folders: ReadonlySet<string>): ReadonlySet<string> {
  const { files, listed, items } = receipt;
  const placed = items.filter(
    ({ kind, name, destination }) =>
      kind === 'k3s' && resolve(destination) === versionFolder(dirname(path), name),
  );
  const added =
    files.length === 0 && listed.length === 0
      ? placed.map(({ name }) => name)
      : listed.filter((one) => one.path === path).map(({ tag }) => tag);
  return new Set(added.filter((tag) => !folders.has(tag)));
}

/** A label is useless when no build of its version is left. */
function without(list: VersionList, dropped: ReadonlySet<string>): VersionList {
  const versions = list.versions.filter((tag) => !dropped.has(tag));
  const known = new Set(versions.map((tag) => parseDesktopTag(tag)?.version));
  const lost = new Set([...dropped].map((tag) => parseDesktopTag(tag)?.version));
  const channels = Object.entries(list.channels).filter(
    ([, version]) => known.has(version) || !lost.has(version),
  );
  return { versions, channels: Object.fromEntries(channels) };
}

/** Only the owner knows whether the old list is still good. */
function asideOf(path: string, { paths }: Receipt): readonly Finding[] {
  return paths
    .filter((each) => each.startsWith(`${path}.bak`))
    .map((copy) => ({
      level: 'warning',
      message: `What was at ${path} before the install is still in ${copy}`,
      hint: 'Move it back if you want it, or remove it.',
      about: copy,
    }));
}

function foreignFinding(path: string): Finding {
  return {
    level: 'warning',
    message: `${path} is no longer a list of versions, and stays`,
    about: path,
  };
}
