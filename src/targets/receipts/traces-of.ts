import { resolve } from 'node:path';
import type { Action, Target } from '../target.ts';
import type { Traces } from './traces.ts';

/** Returns the folders that actions make or have made. */
export function foldersOf(actions: readonly Action[]): readonly string[] {
  return actions.flatMap(({ leaves }) => (leaves?.folders ?? []).map((folder) => resolve(folder)));
}

/**
 * Returns what actions leave or have left at these targets. Paths are absolute, because a receipt may be read from
 * another folder.
 */
export function tracesOf(targets: readonly Target[], actions: readonly Action[]): Traces {
  const onDisk = new Set(targets.filter(({ isOnDisk }) => isOnDisk).map(({ name }) => name));
  const leaves = actions.map((action) => action.leaves ?? {});
  const files = leaves.flatMap((each) =>
    (each.files ?? []).map((file) => ({ ...file, path: resolve(file.path) })),
  );
  const others = leaves.flatMap(({ paths = [] }) => paths.map((path) => resolve(path)));
  return {
    targets: targets.map(({ name, place, isOnDisk }) => ({
      target: name,
      place: isOnDisk ? resolve(place) : place,
    })),
    items: actions.map(({ kind, name, destination, target }) => ({
      kind,
      name,
      destination: onDisk.has(target) ? resolve(destination) : destination,
    })),
    paths: [...files.map(({ path }) => path), ...others],
    files,
    listed: leaves.flatMap(({ listed = [] }) =>
      listed.map(({ path, tag }) => ({ path: resolve(path), tag })),
    ),
    references: leaves.flatMap(({ references = [] }) => references),
  };
}
