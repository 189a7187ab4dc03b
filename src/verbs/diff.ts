import { type BundleDiff, diffInventories } from '../bundle/diff.ts';
import type { Digest } from '../oci/digest.ts';
import { openInventory } from '../steps/open-bases.ts';
import { bundleOpener, type NetworkWish } from '../steps/carrier.ts';
import type { Ears } from '../steps/ears.ts';
import type { Surroundings } from '../steps/surroundings.ts';

/** What to compare: bundles, or receipts in place of them. */
export interface DiffWish extends NetworkWish {
  readonly old: string;
  readonly new: string;
}

/** How two bundles differ, or a bundle and what an install left. */
export interface DiffResult extends BundleDiff {
  readonly old: DiffSide;
  readonly new: DiffSide;
}

/** One side of the comparison. */
export interface DiffSide {
  readonly path: string;
  readonly type: 'bundle' | 'receipt';
  readonly root: Digest;
  readonly name: string;
}

/**
 * Compares two bundles, or receipts in place of them. Only heads are read, and nothing is verified.
 *
 * @throws what `openBundle` throws; `ERR_DOCUMENT_INVALID` for an invalid receipt
 */
export async function diffBundles(
  wish: DiffWish,
  surroundings: Surroundings,
  { signal, onFinding, onNetwork }: Ears = {},
): Promise<DiffResult> {
  const open = bundleOpener(wish, surroundings, { signal, onFinding, onNetwork });
  const before = await openInventory(wish.old, { open, signal });
  const after = await openInventory(wish.new, { open, signal });
  const side = (path: string, { type, root, name }: typeof before): DiffSide => ({ path, type, root, name });
  return { old: side(wish.old, before), new: side(wish.new, after), ...diffInventories(before, after) };
}
