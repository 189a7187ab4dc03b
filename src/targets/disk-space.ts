import { stat } from 'node:fs/promises';
import { SaddlebagError } from '../internal/error.ts';
import { formatBytes } from '../internal/format.ts';
import { nearestFolder } from '../disk/folder.ts';
import { freeSpace, statedSpace } from '../disk/space.ts';
import type { Plan } from './apply-plans.ts';

/** Space on one filesystem. */
export interface Space {
  /** A folder on it. */
  readonly place: string;
  /** Bytes that the plans write there. */
  readonly needed: number;
  /** Bytes that are free there; left out where the filesystem does not say. */
  readonly free?: number | undefined;
}

/** A part of the plan that writes to the disk. */
interface DiskPlan {
  readonly place: string;
  /** How many bytes each change writes. */
  readonly actions: readonly { readonly bytes: number }[];
}

/** Returns the space that plans need and the space that is free, one entry per filesystem. @visibleForTesting */
export async function spacesFor(plans: readonly DiskPlan[]): Promise<readonly Space[]> {
  const byDevice = new Map<number, Space>();
  for (const { place, actions } of plans) {
    const folder = await nearestFolder(place);
    const { dev } = await stat(folder);
    const needed = actions.reduce((sum, { bytes }) => sum + bytes, 0);
    const known = byDevice.get(dev);
    byDevice.set(
      dev,
      known === undefined
        ? { place, needed, free: statedSpace((await freeSpace(folder)).free) }
        : { ...known, needed: known.needed + needed },
    );
  }
  return [...byDevice.values()];
}

/** Returns the space that the plans of targets need. Free space can only be checked on local disks. */
export async function spacesOf(plans: readonly Plan[]): Promise<readonly Space[]> {
  return await spacesFor(
    plans.flatMap(({ target, actions }) => {
      if (!target.isOnDisk) return [];
      const folders = Map.groupBy(actions, ({ folder = target.place }) => folder);
      return [...folders].map(([place, own]) => ({ place, actions: own }));
    }),
  );
}

/** @throws `ERR_DISK_FULL` when a plan does not fit, with how much is missing where */
export function requireSpace(spaces: readonly Space[]): void {
  const short = spaces.filter(({ needed, free = needed }) => needed > free);
  if (short.length === 0) return;
  const facts = short.map(
    ({ place, needed, free = 0 }) =>
      `"${place}" needs ${formatBytes(needed)}, and ${formatBytes(free)} are free`,
  );
  throw new SaddlebagError('ERR_DISK_FULL', `Cannot install: ${facts.join('; ')}`, {
    hint: 'Free some space, or choose other directories. Nothing has been changed.',
  });
}
