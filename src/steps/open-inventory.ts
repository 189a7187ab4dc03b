import { type Inventory, inventoryOf } from '../bundle/inventory.ts';
import { openBundle } from '../bundle/open.ts';
import type { WaitOptions } from '../oci/roles.ts';
import { type BundleOpener, isCarried } from './carrier.ts';
import { isReceiptFile, readReceiptFile, receiptInventory } from '../targets/receipts/receipts.ts';

/** What is in a bundle or a receipt. */
export interface OpenedInventory extends Inventory {
  readonly type: 'bundle' | 'receipt';
  /** False for the receipt of an interrupted install, which no delta may rely on. */
  readonly complete: boolean;
}

/**
 * Returns what is in the bundle at `path`, or what an install left when `path` is a receipt; the content tells which.
 *
 * @throws what `openBundle` and `readReceiptFile` throw
 */
export async function openInventory(
  path: string,
  { open = openBundle, signal }: WaitOptions & { readonly open?: BundleOpener | undefined } = {},
): Promise<OpenedInventory> {
  if (!isCarried(path) && (await isReceiptFile(path))) {
    const receipt = await readReceiptFile(path);
    return { ...receiptInventory(receipt), type: 'receipt', complete: receipt.complete };
  }
  await using bundle = await open(path, { signal });
  return { ...inventoryOf(bundle), type: 'bundle', complete: true };
}
