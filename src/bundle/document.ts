import type { Digest } from '../oci/digest.ts';
import type { Item } from './item.ts';

export const BUNDLE_MEDIA_TYPE = 'application/vnd.saddlebag.bundle.v1+json';

/** `bundle.json`: what a bundle holds in the user's terms, and every byte of it by digest. See `bundle-spec/`. */
export interface BundleDocument {
  /** Version of the format, `major.minor`. */
  readonly version: string;
  readonly mediaType: typeof BUNDLE_MEDIA_TYPE;
  readonly name: string;
  /** Sorted by kind, then name. */
  readonly items: readonly Item[];
  /** The files beside `bundle.json`, `SHA256SUMS` and the blobs, in archive order. */
  readonly files: readonly { readonly path: string; readonly digest: Digest; readonly size: number }[];
  /** Every blob, in archive order; its path is `blobs/sha256/<hex>`. */
  readonly blobs: readonly { readonly digest: Digest; readonly size: number }[];
}
