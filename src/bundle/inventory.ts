import type { Digest } from '../oci/digest.ts';
import { allBlobs, type BundleDocument } from './format/document.ts';
import { kindOf } from './format/item.ts';

/** The contents of a bundle, or of an install of it, as far as they are known. */
export interface Inventory {
  /** Root digest of the bundle. */
  readonly root: Digest;
  /** Name of the bundle. */
  readonly name: string;
  readonly items: readonly InventoryItem[];
  /** Every blob with its size (bytes), where that is known. */
  readonly blobs: ReadonlyMap<Digest, number | undefined>;
  /** Root digests of the bundles that it counts on. */
  readonly requires?: readonly Digest[] | undefined;
}

export interface InventoryItem {
  readonly kind: string;
  readonly name: string;
  /** Of its root; a receipt does not have it for every item. */
  readonly digest?: Digest | undefined;
  /** Names at a registry that an image brings for itself; a receipt does not tell them. */
  readonly at?: readonly string[] | undefined;
}

/** Returns the contents of a bundle: for a delta, both what it carries and what it requires. */
export function inventoryOf(bundle: { readonly root: Digest; readonly document: BundleDocument }): Inventory {
  const { root, document } = bundle;
  return {
    root,
    name: document.name,
    items: document.items.map((item) => ({
      kind: kindOf(item),
      name: item.name,
      digest: item.descriptor.digest,
      at: item.kind === 'image' ? item.at : undefined,
    })),
    blobs: new Map(allBlobs(document).map(({ digest, size }) => [digest, size])),
    requires: document.requires?.map((each) => each.root),
  };
}

/** Number of blobs, and their total size as far as it is known (bytes). */
export interface BlobCount {
  readonly blobs: number;
  readonly bytes: number;
}

/** A bundle that a delta counts on, and how many blobs of it. */
export type RequiredBundle = BlobCount & { readonly root: Digest; readonly name: string };

/** Returns what a delta counts on, in the order in which it is installed; `undefined` for a bundle that is complete in itself. */
export function requiredBundles({
  requires,
}: Pick<BundleDocument, 'requires'>): readonly RequiredBundle[] | undefined {
  return requires?.map(({ root, name, blobs }) => {
    return { root, name, blobs: blobs.length, bytes: blobs.reduce((sum, { size }) => sum + size, 0) };
  });
}
