import type { Bundle } from '../../bundle/bundle.ts';
import { unknownItems } from '../../bundle/format/item.ts';
import { type ItemOf, itemsFor } from '../item-files.ts';

/** What is useful as plain files: files, packed charts, the lists of a Rancher release, and kinds that no target here knows. */
export type PlainItem = ItemOf<'file'> | ItemOf<'chart'> | ItemOf<'rancher'> | ItemOf<'unknown'>;

/** Returns the items of a bundle that are placed as plain files. */
export function plainItems(bundle: Bundle): readonly PlainItem[] {
  return [
    ...itemsFor(bundle, 'file', 'files'),
    ...itemsFor(bundle, 'chart', 'files'),
    ...itemsFor(bundle, 'rancher', 'files'),
    ...unknownItems(bundle.document.items),
  ];
}
