import { dirname, join, resolve } from 'node:path';
import { isSaddlebagError } from '../../internal/error.ts';
import type { Finding } from '../../internal/finding.ts';
import { allTraces, isReference, type Receipt } from '../receipts/receipt.ts';
import { readReceiptFile, receiptNames } from '../receipts/receipts.ts';
import { isWithin } from '../../disk/within.ts';

/** A receipt with its place. */
export interface KeptReceipt {
  readonly path: string;
  readonly receipt: Receipt;
}

/** What passes from one receipt to another that counts on it: then the last uninstall takes it back. */
export interface Heirloom {
  readonly heir: KeptReceipt;
  readonly part: Partial<Pick<Receipt, 'paths' | 'files' | 'listed' | 'references'>>;
}

/** What other installs count on. */
export interface Claims {
  /** Returns a receipt by which the file at `path` is needed. */
  file(path: string): KeptReceipt | undefined;
  /** Returns a receipt that has something in this folder. */
  inside(folder: string): KeptReceipt | undefined;
  /** Returns a receipt that names this reference at a registry. */
  reference(name: string): KeptReceipt | undefined;
  /** Returns a receipt that has pushed something of which `test` is true. */
  pusher(test: (pushed: Receipt['references'][number]) => boolean): KeptReceipt | undefined;
}

/** Returns what the receipts beside this one claim, those of installs that were cut short too. */
export function claimsOf(receipts: readonly KeptReceipt[]): Claims {
  const files = new Map<string, KeptReceipt>();
  const references = new Map<string, KeptReceipt>();
  for (const kept of receipts) {
    const { paths, items, references: pushed } = allTraces(kept.receipt);
    for (const path of [kept.path, ...paths]) files.set(resolve(path), kept);
    for (const item of items) {
      if (isReference(item)) references.set(item.destination, kept);
      // Of a K3s release in Rancher Desktop's cache it is the folder.
      else files.set(resolve(item.destination), kept);
    }
    for (const { reference } of pushed) references.set(reference, kept);
  }
  return {
    file: (path) => files.get(path) ?? files.get(dirname(path)),
    inside: (folder) => files.entries().find(([path]) => isWithin(folder, path))?.[1],
    reference: (name) => references.get(name),
    pusher: (test) => receipts.find(({ receipt }) => allTraces(receipt).references.some(test)),
  };
}

/**
 * Returns every other receipt in the folder. One that cannot be read is told of, because what it counts on nobody knows.
 */
export async function otherReceipts(
  folder: string,
  own: KeptReceipt,
  onFinding: (finding: Finding) => void,
): Promise<readonly KeptReceipt[]> {
  const others: KeptReceipt[] = [];
  for (const name of await receiptNames(folder)) {
    const path = join(folder, name);
    if (path === resolve(own.path)) continue;
    try {
      const receipt = await readReceiptFile(path);
      // A copy of the receipt itself claims nothing.
      if (receipt.root !== own.receipt.root) others.push({ path, receipt });
    } catch (error) {
      if (!isSaddlebagError(error)) throw error;
      onFinding({
        level: 'warning',
        message: error.message,
        hint: 'What it counts on is not known, so it keeps nothing from being removed.',
      });
    }
  }
  return others;
}
