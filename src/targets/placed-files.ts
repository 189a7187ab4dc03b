import { dirname } from 'node:path';
import type { Bundle } from '../bundle/bundle.ts';
import type { Item } from '../bundle/format/item.ts';
import { makeFolder, missingFolders, requireWritable } from '../disk/folder.ts';
import { type Owner, ownerUnder } from '../disk/owner.ts';
import { place } from '../disk/place.ts';
import type { StagedFile } from '../disk/placing/staging.ts';
import { Sweep } from '../disk/sharing/temporary.ts';
import { requireUnmoved, withinRoot } from '../disk/root.ts';
import type { Finding } from '../internal/finding.ts';
import { Lease } from '../internal/lease.ts';
import type { ArtifactFile } from '../oci/artifact.ts';
import type { WaitOptions } from '../oci/roles.ts';
import { contentOf, needOf } from './item-files.ts';
import { placedFile } from './receipts/placed-file.ts';
import { placedState } from './receipts/placed-state.ts';
import type { Taken } from './taken.ts';
import type { Action, ActionResult, ApplyOptions, Target } from './target.ts';

/** A file of a bundle with its place at a target. */
export interface FileAtTarget {
  readonly item: Item;
  /** Its kind, as shown to users and in receipts. */
  readonly kind: string;
  readonly name: string;
  readonly file: ArtifactFile;
  readonly path: string;
  readonly mode: number;
}

/** Where single files go. */
export interface FilePlace {
  /** Name of the target's kind. */
  readonly target: string;
  /** The folder that contains all of them. */
  readonly folder: string;
  /** Whether that is the root directory of another system; links must not lead out of it. */
  readonly isRoot?: boolean | undefined;
  /** Where files are written until they are complete; next to their place when left out. */
  readonly workFolder?: string | undefined;
  /** Permission bits of new folders; `0o755` when left out. */
  readonly folderMode?: number | undefined;
  /** Who called `sudo`. */
  readonly invoker?: Owner | undefined;
}

/** Files placed at once out of a registry: while one is being stored, the next are on their way. */
const CARRIED_AT_ONCE = 4;

/** What distinguishes one target of files from another. */
export interface FileTargetParts<File extends FileAtTarget> {
  /** Folders that must be writable. */
  readonly folders: readonly string[];
  /** Returns the files in the order they are placed. @throws `ERR_TARGET_REFUSED` */
  load(wait: WaitOptions): Promise<Taken<File>>;
  /** Reads the files again the way their real consumer does. */
  prove(files: readonly File[], wait: WaitOptions): Promise<readonly Finding[]>;
}

/** Makes a target that places single files, each atomically. */
export function fileTarget<File extends FileAtTarget>(
  bundle: Bundle,
  at: FilePlace,
  parts: FileTargetParts<File>,
): Target {
  const sweep = new Sweep();
  let loaded: Promise<Taken<File>> | undefined;
  const load = (wait: WaitOptions): Promise<Taken<File>> => (loaded ??= parts.load(wait));
  const files = async (wait: WaitOptions): Promise<readonly File[]> => (await load(wait)).things;
  return {
    name: at.target,
    place: at.folder,
    isOnDisk: true,
    actionsAtOnce: bundle.shape === 'registry' ? CARRIED_AT_ONCE : 1,
    async reach() {
      for (const folder of parts.folders) await requireWritable(await locateFolder(at, folder));
    },
    async plan(wait = {}) {
      return await Promise.all((await files(wait)).map(async (file) => await planFile(file, at, wait)));
    },
    async leftOut(wait = {}) {
      return (await load(wait)).findings;
    },
    async staged(actions, wait = {}) {
      const wanted = new Map((await files(wait)).map((file) => [file.path, file]));
      return actions.flatMap(({ state, destination }) => {
        const file = state === 'present' ? undefined : wanted.get(destination);
        return file === undefined ? [] : [stagedFile(file, at)];
      });
    },
    async apply(action, { onBytes, staging, signal } = {}) {
      const wanted = (await files({ signal })).find(({ path }) => path === action.destination);
      if (wanted === undefined) throw new TypeError(`no file was planned at "${action.destination}"`);
      return await applyFile(bundle, action, { wanted, at, sweep, staging, onBytes, signal });
    },
    async prove(wait = {}) {
      return await parts.prove(await files(wait), wait);
    },
  };
}

/** Returns what a file needs. */
export async function planFile(wanted: FileAtTarget, at: FilePlace, wait: WaitOptions = {}): Promise<Action> {
  const { kind, name, file, path, mode } = wanted;
  const { target } = at;
  const real = await locateFile(at, path);
  const state = await placedState(real, { descriptor: file.descriptor, mode }, wait);
  return {
    target,
    kind,
    name,
    destination: path,
    state,
    ...needOf([file], state),
    leaves: { files: [placedFile(path, file.descriptor)], folders: await missingFolders(dirname(real)) },
    folder: real === path ? undefined : dirname(real),
    workFolder: at.workFolder ?? dirname(real),
  };
}

function stagedFile({ file, path, mode }: FileAtTarget, at: FilePlace): StagedFile {
  const { workFolder, folderMode } = at;
  return {
    descriptor: file.descriptor,
    mode,
    locate: async () => {
      const real = await locateFile(at, path);
      const owner = await ownerUnder(at.folder, at.invoker);
      return { path: real, folder: workFolder ?? dirname(real), folderMode, owner };
    },
  };
}

async function applyFile(
  bundle: Bundle,
  action: Action,
  options: ApplyOptions & { readonly wanted: FileAtTarget; readonly at: FilePlace; readonly sweep: Sweep },
): Promise<ActionResult> {
  const { wanted, at, sweep, staging, onBytes, signal } = options;
  const { item, file, path, mode } = wanted;
  const digests = [item.descriptor.digest, file.descriptor.digest];
  const state = action.state === 'present' ? 'present' : (await planFile(wanted, at, { signal })).state;
  if (state === 'present') return { ...action, outcome: 'present', leaves: undefined, digests };
  const owner = await ownerUnder(at.folder, at.invoker);
  const real = await locateFile(at, path);
  const folders = await makeFolder(dirname(real), { mode: at.folderMode, owner });
  const beforeNaming = async (): Promise<void> => await requireLocated(at, path, real);
  const isStaged = (await staging?.place(real, { beforeNaming })) === true;
  const lease = new Lease();
  if (isStaged) onBytes?.(file.descriptor.size);
  else
    await place(real, contentOf(bundle, file, { lease, onBytes, signal }), {
      mode,
      owner,
      signal,
      kind: 'target',
      workFolder: at.workFolder,
      sweep,
      beforeNaming,
    });
  lease.end();
  return {
    ...action,
    outcome: state === 'missing' ? 'placed' : 'replaced',
    leaves: { files: [placedFile(path, file.descriptor)], folders },
    digests,
  };
}

/** Returns a finding on whether a file is there as it should be. */
export async function proveFile(
  wanted: FileAtTarget,
  at: FilePlace,
  wait: WaitOptions = {},
): Promise<Finding> {
  const { state } = await planFile(wanted, at, wait);
  if (state === 'present') return { level: 'ok', message: `${wanted.path} is in place` };
  return { level: 'error', message: `${wanted.path} is ${state === 'missing' ? 'missing' : 'damaged'}` };
}

/** Returns the real path of a file. Throws what `withinRoot` throws. */
export async function locateFile({ folder, isRoot }: FilePlace, path: string): Promise<string> {
  return isRoot === true ? await withinRoot(folder, path) : path;
}

/** Returns the real path of a folder. Throws what `withinRoot` throws. */
export async function locateFolder({ folder, isRoot }: FilePlace, path: string): Promise<string> {
  return isRoot === true ? await withinRoot(folder, path, { follow: true }) : path;
}

async function requireLocated({ folder, isRoot }: FilePlace, path: string, found: string): Promise<void> {
  if (isRoot === true) await requireUnmoved(folder, path, found);
}
