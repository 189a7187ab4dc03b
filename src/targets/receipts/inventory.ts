import type { Inventory } from '../../bundle/inventory.ts';
import type { Receipt } from './receipt.ts';

/** Returns what an install left, as far as its receipt knows: no sizes, and root digests only for images. */
export function receiptInventory(receipt: Receipt): Inventory {
  const { root, name, items, references, blobs } = receipt;
  const digests = new Map(references.map(({ reference, digest }) => [reference, digest]));
  return {
    root,
    name,
    items: items.map((item) => ({
      kind: item.kind,
      name: item.name,
      digest: digests.get(item.destination),
    })),
    blobs: new Map(blobs.map((digest) => [digest, undefined])),
  };
}
