import { type Inventory, inventoryOf } from '../bundle/inventory.ts';
import { openBundle } from '../bundle/open.ts';
import type { WaitOptions } from '../oci/roles.ts';
import { receiptInventory } from '../targets/receipts/inventory.ts';
import { isReceiptFile, readReceiptFile } from '../targets/receipts/receipts.ts';

/** What is in a bundle or a receipt. */
export interface OpenedInventory extends Inventory {
  readonly type: 'bundle' | 'receipt';
  /** False for the receipt of an install that was cut short: nothing counts on it. */
  readonly complete: boolean;
}

/**
 * Returns what is in the bundle, or was left by the install whose receipt is, at `path`; which of the two is told by content.
 *
 * @throws what `openBundle` and `readReceiptFile` throw
 */
export async function openInventory(path: string, options: WaitOptions = {}): Promise<OpenedInventory> {
  if (await isReceiptFile(path)) {
    const receipt = await readReceiptFile(path);
    return { ...receiptInventory(receipt), type: 'receipt', complete: receipt.complete };
  }
  await using bundle = await openBundle(path, options);
  return { ...inventoryOf(bundle), type: 'bundle', complete: true };
}
