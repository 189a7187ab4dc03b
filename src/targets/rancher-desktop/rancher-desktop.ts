import { dirname, join } from 'node:path';
import type { Bundle } from '../../bundle/bundle.ts';
import type { WaitOptions } from '../../oci/roles.ts';
import { missingFolders, requireWritable } from '../../disk/folder.ts';
import { statOf } from '../../disk/stat.ts';
import { isPauseImage } from '../../products/rancher-desktop/offer.ts';
import { desktopArchitecture } from '../../products/rancher-desktop/platform.ts';
import { type ItemOf, needOf } from '../item-files.ts';
import { type Owner, ownerUnder } from '../../disk/owner.ts';
import { placedFile } from '../receipts/placed-file.ts';
import type { Leaves } from '../receipts/traces.ts';
import { type CarriedVersion, carriedVersion } from './carried-version.ts';
import { proveCache } from './proof.ts';
import type { TargetPlatform } from '../kind.ts';
import { desktopItems, passedOver } from './desktop-items.ts';
import { filesOf, placeVersionFolder, stagedFiles, versionFolder, versionState } from './version-folder.ts';
import { applyVersionList, planVersionList } from './version-list-action.ts';
import { type Taken, taken } from '../taken.ts';
import type { Action, ActionResult, ApplyOptions, Target } from '../target.ts';

export interface RancherDesktopOptions {
  /** Root of Rancher Desktop's cache. */
  readonly cache: string;
  /** The desktop's architecture. */
  readonly platform: TargetPlatform;
  /** Who called `sudo`: the cache must belong to the user who runs Rancher Desktop. */
  readonly invoker?: Owner | undefined;
}

/** Makes the target that fills Rancher Desktop's cache: one folder per K3s release, then the list of versions. */
export function rancherDesktopTarget(bundle: Bundle, options: RancherDesktopOptions): Target {
  const { cache, platform } = options;
  // Without a Rancher Desktop for this platform, no release will match.
  const architecture = desktopArchitecture(platform) ?? platform.architecture;
  let loaded: Promise<Taken<CarriedVersion>> | undefined;
  const load = ({ signal }: WaitOptions): Promise<Taken<CarriedVersion>> =>
    (loaded ??= loadVersions(bundle, desktopItems(bundle, platform), { architecture, signal }));
  const versions = async (wait: WaitOptions): Promise<readonly CarriedVersion[]> => (await load(wait)).things;
  return {
    name: 'rancher-desktop',
    place: cache,
    isOnDisk: true,
    async reach() {
      // The list of versions goes into the cache itself.
      for (const folder of [cache, join(cache, 'k3s')]) await requireWritable(folder);
    },
    async plan({ signal } = {}) {
      const all = await versions({ signal });
      const folders = all.map((version) => planFolder(cache, version, { architecture, signal }));
      return [
        ...(await Promise.all(folders)),
        await planVersionList(bundle, { cache, versions: all, signal }),
      ];
    },
    async leftOut(wait = {}) {
      return [...passedOver(bundle, platform), ...(await load(wait)).findings];
    },
    async staged(actions, wait = {}) {
      const wanted = new Set(
        actions.flatMap(({ kind, state, name }) => (kind === 'k3s' && state !== 'present' ? [name] : [])),
      );
      const owner = await ownerUnder(cache, options.invoker);
      return (await versions(wait))
        .filter(({ item }) => wanted.has(item.name))
        .flatMap((version) => stagedFiles(versionFolder(cache, version.tag.tag), version, owner));
    },
    async apply(action, { onBytes, staging, signal } = {}) {
      const all = await versions({ signal });
      const owner = await ownerUnder(cache, options.invoker);
      if (action.kind === 'k3s-versions')
        return await applyVersionList(bundle, action, { cache, versions: all, owner, onBytes, signal });
      const version = all.find(({ item }) => item.name === action.name);
      if (version === undefined) throw new TypeError(`no K3s "${action.name}" was planned`);
      return await applyFolder(bundle, action, { version, architecture, owner, staging, onBytes, signal });
    },
    async prove({ signal } = {}) {
      const hasPauseImage = bundle.document.items.some(({ name }) => isPauseImage(name));
      return await proveCache(cache, await versions({ signal }), { architecture, hasPauseImage, signal });
    },
  };
}

async function loadVersions(
  bundle: Bundle,
  items: readonly ItemOf<'k3s'>[],
  options: WaitOptions & { readonly architecture: string },
): Promise<Taken<CarriedVersion>> {
  const loads = items.map(async (item) => await carriedVersion(bundle, item, options));
  return await taken(
    loads,
    (count) => `Cannot fill the cache of Rancher Desktop: ${count} of ${items.length} versions would fail`,
  );
}

async function planFolder(
  cache: string,
  version: CarriedVersion,
  options: WaitOptions & { readonly architecture: string },
): Promise<Action> {
  const destination = versionFolder(cache, version.tag.tag);
  const state = await versionState(destination, version, options);
  // An old folder goes once the new one is there, which fails in one that belongs to somebody else.
  if (state === 'different' && (await isFolder(destination))) await requireWritable(destination);
  return {
    target: 'rancher-desktop',
    kind: 'k3s',
    name: version.item.name,
    destination,
    state,
    ...needOf(filesOf(version), state),
    leaves: await leavesOf(destination, version, state),
    workFolder: dirname(destination),
  };
}

async function isFolder(path: string): Promise<boolean> {
  return (await statOf(path, { follow: false }))?.isDirectory() === true;
}

/** Each release has its own folder in the cache. */
async function leavesOf(folder: string, version: CarriedVersion, state: Action['state']): Promise<Leaves> {
  const files = filesOf(version).map((file) => placedFile(join(folder, file.name), file.descriptor));
  const above = await missingFolders(dirname(folder));
  return { files, folders: state === 'missing' ? [...above, folder] : above };
}

async function applyFolder(
  bundle: Bundle,
  action: Action,
  options: ApplyOptions & {
    readonly version: CarriedVersion;
    readonly architecture: string;
    readonly owner: Owner | undefined;
  },
): Promise<ActionResult> {
  const { version, architecture, owner, staging, onBytes, signal } = options;
  const files = filesOf(version);
  const digests = [version.item.descriptor.digest, ...files.map((file) => file.descriptor.digest)];
  const state =
    action.state === 'present' ? 'present' : await versionState(action.destination, version, options);
  if (state === 'present') return { ...action, outcome: 'present', leaves: undefined, digests };
  const leaves = await leavesOf(action.destination, version, state);
  const way = { bundle, architecture, owner, staging, onBytes, signal };
  await placeVersionFolder(action.destination, version, way);
  return { ...action, outcome: state === 'missing' ? 'placed' : 'replaced', leaves, digests };
}
