import { resolve } from 'node:path';
import type { LeftThere } from '../kind.ts';
import type { Removal } from '../uninstall/step.ts';

/** Returns a step that reports that images in a folder stay, because they share content with other images. */
export function layoutRemovals({ place, paths, receipt }: LeftThere): readonly Removal[] {
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
  return [{ run: async () => ({ actions, findings: [stays], heirlooms: [], settled: [] }) }];
}
