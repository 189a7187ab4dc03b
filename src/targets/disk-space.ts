import { stat } from 'node:fs/promises';
import { SaddlebagError } from '../internal/error.ts';
import { formatBytes } from '../internal/format.ts';
import { nearestFolder } from '../disk/folder.ts';
import { leftoverBytes } from '../disk/sharing/temporary.ts';
import { freeSpace, statedSpace } from '../disk/space.ts';
import type { Plan } from './apply-plans.ts';

/** Space on one filesystem. */
export interface Space {
  /** A folder on it. */
  readonly place: string;
  /** Bytes that the plans write there. */
  readonly needed: number;
  /**
   * Bytes that are free there, with what an interrupted install left where files grow: this one takes it up or removes it. Left out
   * where the filesystem does not say.
   */
  readonly free?: number | undefined;
}

/** A part of the plan that writes to the disk. */
interface DiskPlan {
  readonly place: string;
  /** How many bytes each change writes, and where they grow. */
  readonly actions: readonly { readonly bytes: number; readonly workFolder?: string | undefined }[];
}

/** Returns the space that plans need and the space that is free, one entry per filesystem. @visibleForTesting */
export async function spacesFor(plans: readonly DiskPlan[]): Promise<readonly Space[]> {
  const byDevice = new Map<number, Space>();
  const searched = new Set<string>();
  for (const { place, actions } of plans) {
    const folder = await nearestFolder(place);
    const { dev } = await stat(folder);
    const needed = actions.reduce((sum, { bytes }) => sum + bytes, 0);
    let spare = 0;
    for (const { bytes, workFolder } of actions) {
      if (bytes === 0 || workFolder === undefined || searched.has(workFolder)) continue;
      searched.add(workFolder);
      spare += await leftoverBytes(workFolder);
    }
    const { free, ...rest } = byDevice.get(dev) ?? {
      place,
      needed: 0,
      free: statedSpace((await freeSpace(folder)).free),
    };
    byDevice.set(dev, { ...rest, needed: rest.needed + needed, free: free && free + spare });
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
