import { type BundleDiff, diffInventories } from '../bundle/diff.ts';
import type { Digest } from '../oci/digest.ts';
import type { WaitOptions } from '../oci/roles.ts';
import { openInventory } from '../steps/open-inventory.ts';

/** What sets two bundles apart, or what an install left and a bundle. */
export interface DiffResult extends BundleDiff {
  readonly old: DiffSide;
  readonly new: DiffSide;
}

interface DiffSide {
  readonly path: string;
  readonly type: 'bundle' | 'receipt';
  readonly root: Digest;
  readonly name: string;
}

/**
 * Compares two bundles, or receipts in place of them. Heads alone are read, and nothing is verified.
 *
 * @throws what `openBundle` throws; `ERR_DOCUMENT_INVALID` for a receipt that is none
 */
export async function diffBundles(
  old: string,
  fresh: string,
  options: WaitOptions = {},
): Promise<DiffResult> {
  const [before, after] = [await openInventory(old, options), await openInventory(fresh, options)];
  const side = (path: string, { type, root, name }: typeof before): DiffSide => ({ path, type, root, name });
  return { old: side(old, before), new: side(fresh, after), ...diffInventories(before, after) };
}
