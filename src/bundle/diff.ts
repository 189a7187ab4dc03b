import { uniqueBy } from '../internal/order.ts';
import type { Digest } from '../oci/digest.ts';
import type { BlobCount, Inventory, InventoryItem } from './inventory.ts';

/** The change of one item; `before` and `after` are left out if they are not known. */
export interface ItemChange {
  readonly kind: string;
  readonly name: string;
  readonly change: 'added' | 'removed' | 'changed';
  readonly before?: Digest | undefined;
  readonly after?: Digest | undefined;
}

/** The difference between an old bundle and a new one. */
export interface BundleDiff {
  /** Added and changed items in the order of the new bundle, then removed ones. */
  readonly items: readonly ItemChange[];
  readonly unchanged: number;
  /** Blobs that only the new bundle has: a delta must carry these, besides manifests and configs. */
  readonly added: BlobCount;
  /** Blobs that only the old bundle has. */
  readonly removed: BlobCount;
  /** Blobs that both bundles have. */
  readonly kept: BlobCount;
}

/** Compares the contents of two bundles. */
export function diffInventories(old: Inventory, fresh: Inventory): BundleDiff {
  const before = new Map(old.items.map((item) => [keyOf(item), item]));
  const after = uniqueBy(fresh.items, keyOf);
  const names = new Set(after.map(keyOf));
  const changes = after.flatMap((item) => changeOf(item, before.get(keyOf(item)), { old, fresh }) ?? []);
  const gone = uniqueBy(old.items, keyOf).filter((item) => !names.has(keyOf(item)));
  const sizeOf = (digest: Digest): number => fresh.blobs.get(digest) ?? old.blobs.get(digest) ?? 0;
  const count = (digests: readonly Digest[]): BlobCount => ({
    blobs: digests.length,
    bytes: digests.reduce((sum, digest) => sum + sizeOf(digest), 0),
  });
  const [mine, theirs] = [[...fresh.blobs.keys()], [...old.blobs.keys()]];
  return {
    items: [...changes, ...gone.map((item) => describe(item, 'removed', { before: item.digest }))],
    unchanged: after.length - changes.length,
    added: count(mine.filter((digest) => !old.blobs.has(digest))),
    removed: count(theirs.filter((digest) => !fresh.blobs.has(digest))),
    kept: count(mine.filter((digest) => old.blobs.has(digest))),
  };
}

function changeOf(
  item: InventoryItem,
  earlier: InventoryItem | undefined,
  { old, fresh }: { readonly old: Inventory; readonly fresh: Inventory },
): ItemChange | undefined {
  const after = item.digest;
  if (earlier === undefined) return describe(item, 'added', { after });
  const before = earlier.digest;
  // A receipt does not say which blob is the root of which item, but all roots are among its blobs.
  const isSame =
    before !== undefined && after !== undefined
      ? before === after
      : (after === undefined || old.blobs.has(after)) && (before === undefined || fresh.blobs.has(before));
  return isSame ? undefined : describe(item, 'changed', { before, after });
}

function describe(
  { kind, name }: InventoryItem,
  change: ItemChange['change'],
  digests: { readonly before?: Digest | undefined; readonly after?: Digest | undefined },
): ItemChange {
  const { before, after } = digests;
  return {
    kind,
    name,
    change,
    before,
    after,
  };
}

function keyOf({ kind, name }: InventoryItem): string {
  return `${kind} ${name}`;
}
