import type { About } from '../../oci/about/about.ts';
import type { Rows } from '../../internal/table/rows.ts';
import type { Digest } from '../../oci/digest.ts';
import { type BlobRef, BlobTable } from './blobs/table.ts';
import type { Item } from './item.ts';

export const BUNDLE_MEDIA_TYPE = 'application/vnd.saddlebag.bundle.v1+json';

/** `bundle.json`: what a bundle holds in the user's terms, and every byte of it by digest. See `bundle-spec/`. */
export interface BundleDocument {
  /** Version of the format, `major.minor`. */
  readonly version: string;
  readonly mediaType: typeof BUNDLE_MEDIA_TYPE;
  readonly name: string;
  /** What people are told about it. */
  readonly about?: About | undefined;
  /**
   * When it was built, `2026-08-20T14:05:00Z`, if the builder asked for a date: everything else follows from the content.
   */
  readonly created?: string | undefined;
  /** Size of `bundle.json.sig` (bytes), where it is not 128. */
  readonly signatureRoom?: number | undefined;
  /** Root digest of the bundle that this patch repairs: it holds some of its blobs, and no items. */
  readonly patchOf?: Digest | undefined;
  /** Sorted by kind, then name. */
  readonly items: readonly Item[];
  /** The files beside `bundle.json`, its signature, `SHA256SUMS` and the blobs, in archive order. */
  readonly files: readonly { readonly path: string; readonly digest: Digest; readonly size: number }[];
  /** Every blob, in archive order; its path is `blobs/sha256/<hex>`. */
  readonly blobs: Rows<BlobRef>;
  /**
   * What its items are made of beside that, by the bundles that have it, in the order in which those are installed. Left out
   * when it is complete in itself.
   */
  readonly requires?: readonly Requirement[] | undefined;
}

export type { BlobRef };

/** Blobs of one other bundle that a delta counts on: they are where it goes, or in that bundle. */
export interface Requirement {
  /** Root digest and name of the bundle that has them. */
  readonly root: Digest;
  readonly name: string;
  /** Sorted by digest; none of them is among the blobs of the bundle itself, or of another requirement. */
  readonly blobs: readonly BlobRef[];
}

/** Returns every blob the items of a bundle are made of: those it holds, in archive order, then those it requires. */
export function allBlobs({ blobs, requires }: Pick<BundleDocument, 'blobs' | 'requires'>): BlobTable {
  const own = BlobTable.of(blobs);
  return requires === undefined ? own : BlobTable.of([...own, ...requiredBlobs({ requires })]);
}

/** Returns the blobs that a bundle requires, whoever has them; none for one that is complete in itself. */
export function requiredBlobs({ requires = [] }: Pick<BundleDocument, 'requires'>): readonly BlobRef[] {
  return requires.flatMap(({ blobs }) => blobs);
}
