import { join } from 'node:path';
import type { Bundle } from '../../bundle/bundle.ts';
import { collectBytes } from '../../internal/bytes.ts';
import { SaddlebagError } from '../../internal/error.ts';
import { digestOf } from '../../oci/digest.ts';
import type { WaitOptions } from '../../oci/roles.ts';
import { contentOf, itemsFor, onlyFileOf } from '../item-files.ts';
import type { Owner } from '../../disk/owner.ts';
import { makeFolder } from '../../disk/folder.ts';
import { clearLocks, lockDocument } from '../../disk/sharing/lock.ts';
import { placedFile } from '../receipts/placed-file.ts';
import type { Leaves } from '../receipts/traces.ts';
import type { Action, ActionResult, ApplyOptions } from '../target.ts';
import { namesIn } from '../../disk/names.ts';
import type { CarriedVersion } from './carried-version.ts';
import {
  encodeVersionList,
  VERSION_LIST,
  type VersionList,
} from '../../products/rancher-desktop/version-list.ts';
import { addsNothing, mergeVersionLists } from './merged-list.ts';
import {
  decodeCarriedList,
  readVersionListFile,
  VERSION_LIST_LIMIT,
  versionListPath,
  writeVersionListFile,
} from './version-list-file.ts';

export interface VersionListOptions extends WaitOptions {
  /** Root of the cache. */
  readonly cache: string;
  /** The releases that the bundle places there. */
  readonly versions: readonly CarriedVersion[];
}

/** Returns what the list of versions in a cache needs. */
export async function planVersionList(bundle: Bundle, options: VersionListOptions): Promise<Action> {
  const change = await mergedList(bundle, options);
  const { merged, state } = change;
  const destination = versionListPath(options.cache);
  return {
    target: 'rancher-desktop',
    kind: 'k3s-versions',
    name: VERSION_LIST,
    destination,
    bytes: state === 'present' ? 0 : encodeVersionList(merged).length,
    state,
    leaves: leavesOf(destination, change),
  };
}

/**
 * Merges the list again, because folders were added since the plan, and writes it under a lock against other installs.
 */
export async function applyVersionList(
  bundle: Bundle,
  action: Action,
  options: VersionListOptions & ApplyOptions & { readonly owner: Owner | undefined },
): Promise<ActionResult> {
  const { destination: path } = action;
  if (action.state === 'present') {
    await clearLocks(path);
    return { ...action, outcome: 'present', leaves: undefined };
  }
  await makeFolder(options.cache, { owner: options.owner });
  await using _lock = await lockDocument(path, { signal: options.signal });
  const change = await mergedList(bundle, options);
  const { merged, state, isForeign } = change;
  if (state === 'present') return { ...action, outcome: 'present', leaves: undefined };
  const leaves = leavesOf(path, change);
  await options.onLeaving?.(leaves);
  const paths = await writeVersionListFile(path, merged, options);
  const outcome = state === 'missing' ? 'placed' : isForeign ? 'replaced' : 'merged';
  const keptAside = paths.find((each) => each !== path);
  return { ...action, outcome, keptAside, leaves: { ...leaves, paths } };
}

/** The planned change to a list. */
interface ListChange {
  readonly merged: VersionList;
  readonly state: Action['state'];
  readonly isForeign: boolean;
  readonly added: readonly string[];
}

/** A list that existed before is not entirely ours. */
function leavesOf(path: string, { merged, state, added }: ListChange): Leaves {
  const bytes = encodeVersionList(merged);
  const file = placedFile(path, { digest: digestOf(bytes), size: bytes.length });
  return {
    paths: [path],
    files: state === 'missing' ? [file] : [],
    listed: added.map((tag) => ({ path, tag })),
  };
}

async function mergedList(bundle: Bundle, options: VersionListOptions): Promise<ListChange> {
  const file = await readVersionListFile(versionListPath(options.cache));
  const existing = file.type === 'list' ? file.list : undefined;
  const merged = mergeVersionLists({
    existing,
    carried: await carriedList(bundle, options),
    placed: options.versions.map(({ tag }) => tag.tag),
    cached: await namesIn(join(options.cache, 'k3s')),
  });
  const known = new Set(existing?.versions);
  const added = merged.versions.filter((tag) => !known.has(tag));
  const same = existing !== undefined && addsNothing(existing, merged);
  const state = file.type === 'absent' ? 'missing' : same ? 'present' : 'different';
  return { merged, state, isForeign: file.type === 'foreign', added };
}

async function carriedList(bundle: Bundle, options: WaitOptions): Promise<VersionList | undefined> {
  const [item] = itemsFor(bundle, 'k3s-versions', 'rancher-desktop');
  if (item === undefined) return undefined;
  const file = await onlyFileOf(bundle, item, options);
  const bytes = await collectBytes(contentOf(bundle, file, options), {
    limit: VERSION_LIST_LIMIT,
    onExcess: () =>
      new SaddlebagError('ERR_DOCUMENT_INVALID', `Cannot read version list "${file.name}": it is too large`),
  });
  return decodeCarriedList(bytes, file.name);
}
