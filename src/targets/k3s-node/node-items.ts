import type { Bundle } from '../../bundle/bundle.ts';
import { type ItemOf, itemsFor } from '../item-files.ts';

/** Returns the K3s releases of a bundle that a node can run. */
export function nodeItems(bundle: Bundle, architecture: string): readonly ItemOf<'k3s'>[] {
  return itemsFor(bundle, 'k3s', 'k3s-node').filter((item) => item.architectures.includes(architecture));
}
