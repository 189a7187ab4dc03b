import { join, resolve } from 'node:path';
import { BLOB_FOLDER } from '../../bundle/format/layout.ts';
import { clearLeftovers } from '../../disk/sharing/temporary.ts';
import type { LeftThere } from '../kind.ts';
import type { Removal, RemovalOptions } from '../uninstall/step.ts';

/**
 * Returns a step that reports that images in a folder stay, because they share content with other images. Only what an
 * interrupted install has half written goes.
 */
export function layoutRemovals(
  { place, paths, receipt }: LeftThere,
  { dryRun }: Pick<RemovalOptions, 'dryRun'>,
): readonly Removal[] {
  if (paths.length === 0) return [];
  const images = receipt.items.filter(({ destination }) => resolve(destination) === place);
  const actions = images.map(({ kind, name }) => ({
    target: 'embedded',
    kind,
    name,
    destination: place,
    outcome: 'kept' as const,
  }));
  const stays = {
    level: 'warning',
    message: `The images in ${place} stay: they may share content with others there`,
    hint: 'Remove the folder when nothing serves it any more.',
    about: place,
  } as const;
  return [
    {
      run: async () => {
        if (!dryRun) await clearLeftovers(join(place, BLOB_FOLDER));
        return { actions, findings: [stays], heirlooms: [], settled: [] };
      },
    },
  ];
}
