import type { Bundle } from '../../bundle/bundle.ts';
import { type ItemOf, itemsFor } from '../item-files.ts';
import type { TargetPlatform } from '../kind.ts';

/** Returns the RKE2 releases of a bundle that a node can run. */
export function nodeItems(bundle: Bundle, { os, architecture }: TargetPlatform): readonly ItemOf<'rke2'>[] {
  return itemsFor(bundle, 'rke2', 'rke2-node').filter((item) =>
    os === 'windows'
      ? architecture === 'amd64' && item.windows !== undefined
      : item.architectures.includes(architecture),
  );
}
