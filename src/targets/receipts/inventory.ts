import type { Inventory } from '../../bundle/inventory.ts';
import { isPushed, type Receipt } from './receipt.ts';

/** Returns what an install left, as far as its receipt tells: no sizes, and the digests of roots for images alone. */
export function receiptInventory(receipt: Receipt): Inventory {
  const { root, name, items, references, blobs } = receipt;
  const digests = new Map(references.map(({ reference, digest }) => [reference, digest]));
  return {
    root,
    name,
    items: items.map((item) => ({
      kind: item.kind,
      name: item.name,
      digest: isPushed(item) ? digests.get(item.destination) : undefined,
    })),
    blobs: new Map(blobs.map((digest) => [digest, undefined])),
  };
}
