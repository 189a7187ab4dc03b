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

/** Traces handed over to another receipt that claims them, so that the last uninstall takes them back. */
export interface Heirloom {
  readonly heir: KeptReceipt;
  readonly part: Partial<Pick<Receipt, 'paths' | 'files' | 'listed' | 'references'>>;
}

/** What other installs claim. */
export interface Claims {
  /** Returns a receipt that claims the file at `path`. */
  file(path: string): KeptReceipt | undefined;
  /** Returns a receipt that has something in this folder. */
  inside(folder: string): KeptReceipt | undefined;
  /** Returns a receipt that names this reference at a registry. */
  reference(name: string): KeptReceipt | undefined;
  /** Returns a receipt with a pushed reference for which `test` is true. */
  pusher(test: (pushed: Receipt['references'][number]) => boolean): KeptReceipt | undefined;
}

/** Returns the claims of the other receipts, including those of interrupted installs. */
export function claimsOf(receipts: readonly KeptReceipt[]): Claims {
  const files = new Map<string, KeptReceipt>();
  const references = new Map<string, KeptReceipt>();
  for (const kept of receipts) {
    const { paths, items, references: pushed } = allTraces(kept.receipt);
    for (const path of [kept.path, ...paths]) files.set(resolve(path), kept);
    for (const item of items) {
      if (isReference(item)) references.set(item.destination, kept);
      // For a K3s release in Rancher Desktop's cache, the path is its folder.
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
 * Returns every other receipt in the folder. Unreadable ones are reported, because their claims are unknown.
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
        hint: 'What it requires is not known, so it keeps nothing from being removed.',
      });
    }
  }
  return others;
}
