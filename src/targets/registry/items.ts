import type { Bundle } from '../../bundle/bundle.ts';
import { type ItemOf, itemsFor } from '../item-files.ts';

/** What goes to a registry: images, charts and artifacts of other tools, and the signatures of any of these. */
export type RegistryItem = ItemOf<'image'> | ItemOf<'chart'> | ItemOf<'artifact'> | ItemOf<'signature'>;

/** Returns the items of a bundle that go to a registry. */
export function registryItems(bundle: Bundle): readonly RegistryItem[] {
  return [
    ...itemsFor(bundle, 'image', 'registry'),
    ...itemsFor(bundle, 'chart', 'registry'),
    ...itemsFor(bundle, 'artifact', 'registry'),
    // Some registries accept a signature only after the manifest it signs.
    ...itemsFor(bundle, 'signature', 'registry'),
  ];
}
