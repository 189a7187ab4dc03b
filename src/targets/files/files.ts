import { join } from 'node:path';
import { PathGuard } from '../../internal/path/guard.ts';
import type { Bundle } from '../../bundle/bundle.ts';
import { SaddlebagError } from '../../internal/error.ts';
import { collectProblems } from '../../internal/problems.ts';
import type { ArtifactFile } from '../../oci/artifact.ts';
import type { ArtifactTree } from '../../oci/artifact-tree.ts';
import type { WaitOptions } from '../../oci/roles.ts';
import { type FileAtTarget, fileTarget, proveFile } from '../placed-files.ts';
import { allOf } from '../taken.ts';
import type { Target } from '../target.ts';
import { applyExtra, type Extra, planExtra, proveExtra } from './extras.ts';
import { requireInside } from './inside.ts';
import { type PlainItem, plainItems } from './plain-items.ts';

export interface FilesOptions {
  /** Where the files go. */
  readonly folder: string;
}

/** Makes the target that puts the files of a bundle into one folder, with the links and empty folders between them. */
export function filesTarget(bundle: Bundle, { folder }: FilesOptions): Target {
  const at = { target: 'files', folder };
  let loaded: Promise<Loaded> | undefined;
  const load = (wait: WaitOptions): Promise<Loaded> => (loaded ??= loadAll(bundle, folder, wait));
  const files = fileTarget(bundle, at, {
    folders: [folder],
    load: async (wait) => allOf((await load(wait)).files),
    prove: async (all, wait) => await Promise.all(all.map(async (file) => await proveFile(file, at, wait))),
  });
  return {
    ...files,
    async plan(wait = {}) {
      const { extras, files: all } = await load(wait);
      await requireInside(
        folder,
        [...all, ...extras].map(({ path }) => path),
      );
      return [
        ...(await files.plan(wait)),
        ...(await Promise.all(extras.map(async (extra) => await planExtra(extra, at)))),
      ];
    },
    async staged(actions, wait = {}) {
      const staged = (await files.staged?.(actions, wait)) ?? [];
      return staged.map(({ descriptor, mode, locate }) => ({
        descriptor,
        mode,
        locate: async () => {
          const place = await locate();
          await requireInside(folder, [place.path]);
          return place;
        },
      }));
    },
    async apply(action, wait = {}) {
      await requireInside(folder, [action.destination]);
      const extra = (await load(wait)).extras.find(({ path }) => path === action.destination);
      return extra === undefined ? await files.apply(action, wait) : await applyExtra(extra, action, at);
    },
    async prove(wait = {}) {
      const { extras } = await load(wait);
      const findings = await Promise.all(extras.map(async (extra) => await proveExtra(extra, at)));
      return [...(await files.prove(wait)), ...findings];
    },
  };
}

interface Loaded {
  readonly files: readonly FileAtTarget[];
  readonly extras: readonly Extra[];
}

async function loadAll(bundle: Bundle, folder: string, wait: WaitOptions): Promise<Loaded> {
  const items = plainItems(bundle);
  const names = new Names();
  const loads = items.map(async (item): Promise<Loaded> => {
    const { files, links, folders } = admitted(item, await bundle.tree(item, wait), names);
    return {
      files: files.map((file) => fileAtTarget(item, file, folder)),
      extras: [
        ...folders.map((name) => ({ item, name, path: join(folder, name) })),
        ...links.map(({ name, target }) => ({ item, name, path: join(folder, name), target })),
      ],
    };
  });
  const all = await collectProblems(loads, {
    code: 'ERR_TARGET_REFUSED',
    message: (count) => `Cannot place files in "${folder}": ${count} of ${items.length} would fail`,
  });
  return { files: all.flatMap(({ files }) => files), extras: all.flatMap(({ extras }) => extras) };
}

function fileAtTarget(item: PlainItem, file: ArtifactFile, folder: string): FileAtTarget {
  const { name } = file;
  const mode = file.executable === true ? 0o755 : 0o644;
  const shown = item.kind === 'file' && !name.includes('/') ? item.name : name;
  return { item, kind: 'file', name: shown, file, path: join(folder, name), mode };
}

/** Every path that was claimed, and by which item. */
class Names {
  readonly #guard = new PathGuard();
  readonly #owners = new Map<string, string>();

  /** Claims a path. Windows and macOS ignore case in file names, and a bundle may be installed on either. */
  claim(path: string, item: string, isFolder: boolean): void {
    const fault = isFolder ? this.#guard.admitFolder(path) : this.#guard.admit(path);
    const key = path.toLowerCase();
    const other = this.#owners.get(key);
    this.#owners.set(key, item);
    if (fault === undefined) return;
    throw other === undefined ? unsafe(path, fault) : sameName(item, other, path);
  }
}

/** Never write to a path that leads out of the folder, however it got into the bundle. */
function admitted(item: PlainItem, tree: ArtifactTree, names: Names): ArtifactTree {
  for (const { name } of tree.files) names.claim(name, item.name, false);
  for (const { name } of tree.links) names.claim(name, item.name, false);
  for (const name of tree.folders) names.claim(name, item.name, true);
  return tree;
}

function sameName(item: string, other: string, name: string): SaddlebagError {
  return new SaddlebagError(
    'ERR_TARGET_REFUSED',
    `Cannot place file "${item}": "${other}" has the name "${name}" as well`,
    { hint: 'Give one of them another name in the spec.' },
  );
}

function unsafe(name: string, fault: string): SaddlebagError {
  return new SaddlebagError('ERR_TARGET_REFUSED', `Cannot place file ${JSON.stringify(name)}: ${fault}`, {
    hint: 'A bundle built by Saddlebag has no such name: find out where this one comes from.',
  });
}
