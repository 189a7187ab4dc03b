import type { Bundle } from '../../bundle/bundle.ts';
import { type ItemOf, itemsFor } from '../item-files.ts';

/** What is useful as plain files: files, packed charts, and the lists of a Rancher release. */
export type PlainItem = ItemOf<'file'> | ItemOf<'chart'> | ItemOf<'rancher'>;

/** Returns the items of a bundle that are placed as plain files. */
export function plainItems(bundle: Bundle): readonly PlainItem[] {
  return [
    ...itemsFor(bundle, 'file', 'files'),
    ...itemsFor(bundle, 'chart', 'files'),
    ...itemsFor(bundle, 'rancher', 'files'),
  ];
}
