import type { Supply } from './base.ts';
import { BlobTable } from '../format/blobs/table.ts';
import { blobAt, LAYOUT } from '../format/layout.ts';
import type { OpenBundle } from '../bundle.ts';

/** What follows from `bundle.json` and can be worked out again. The signature does not. */
const DERIVED: readonly string[] = [LAYOUT.ociLayout, LAYOUT.index, LAYOUT.dockerList, LAYOUT.sums];

/**
 * Returns what tells whether problems with a path do not matter because of a base: a blob that the base has intact, or, where the
 * base knows `bundle.json` to be as it was built, everything that follows from it, down to the frame of the archive.
 */
export function madeGoodBy(
  bundle: OpenBundle,
  base: { readonly supply: Supply; readonly isVouchedFor: boolean },
): (path: string) => boolean {
  const own = BlobTable.of(bundle.document.blobs);
  return (path) => {
    const digest = blobAt(path);
    if (digest !== undefined && own.has(digest)) return base.supply.sources.has(digest);
    return base.isVouchedFor && (DERIVED.includes(path) || path === bundle.path);
  };
}
