import type { Bundle } from '../../bundle/bundle.ts';
import { type ItemOf, itemsFor } from '../item-files.ts';

/** What goes to a registry: images, charts beside them, and what belongs to either. */
export type RegistryItem = ItemOf<'image'> | ItemOf<'chart'> | ItemOf<'signature'>;

/** Returns what of a bundle is meant for a registry. */
export function registryItems(bundle: Bundle): readonly RegistryItem[] {
  return [
    ...itemsFor(bundle, 'image', 'registry'),
    ...itemsFor(bundle, 'chart', 'registry'),
    // Some registries take a signature only when there is something that is signed.
    ...itemsFor(bundle, 'signature', 'registry'),
  ];
}
