import type { Bundle } from '../../bundle/bundle.ts';
import { type ItemOf, itemsFor } from '../item-files.ts';

/** What goes to a registry: images, charts, and the signatures of either. */
export type RegistryItem = ItemOf<'image'> | ItemOf<'chart'> | ItemOf<'signature'>;

/** Returns the items of a bundle that go to a registry. */
export function registryItems(bundle: Bundle): readonly RegistryItem[] {
  return [
    ...itemsFor(bundle, 'image', 'registry'),
    ...itemsFor(bundle, 'chart', 'registry'),
    // Some registries accept a signature only after the manifest it signs.
    ...itemsFor(bundle, 'signature', 'registry'),
  ];
}
