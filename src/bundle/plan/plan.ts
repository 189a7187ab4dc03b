import { type About, orderAbout } from '../../oci/about/about.ts';
import { type Digest, digestOf } from '../../oci/digest.ts';
import { BUNDLE_MEDIA_TYPE, type BundleDocument, type Requirement } from '../format/document.ts';
import { BlobTable } from '../format/blobs/table.ts';
import { encodeDockerList } from '../format/encode-docker-list.ts';
import { encodeDocument } from '../format/encode-document.ts';
import { encodeIndex } from '../format/encode-index.ts';
import { encodeReadme } from '../format/encode-readme.ts';
import { encodeSums } from '../format/encode-sums.ts';
import type { Item, PlannedBlob, PlannedItem } from '../format/item.ts';
import { LAYOUT, OCI_LAYOUT_BYTES } from '../format/layout.ts';
import { orderBlobs } from '../format/blobs/order.ts';
import { orderItems } from '../format/order-items.ts';
import { unsigned } from '../format/signature-lines.ts';

/** Version of the bundle format this program writes, `major.minor`. */
export const BUNDLE_VERSION = '1.0';

/** Everything about a bundle that is known before its content is fetched: every byte except the blobs'. */
export interface BundlePlan {
  readonly document: BundleDocument;
  /** Root digest: that of `bundle.json`. */
  readonly root: Digest;
  /** The head, in archive order. */
  readonly files: readonly { readonly path: string; readonly bytes: Uint8Array }[];
  /** Every blob once, in archive order; they follow the head. */
  readonly blobs: readonly PlannedBlob[];
}

/**
 * Returns the plan of an unsigned bundle. It depends only on the name, the set of items in any order, what is said about
 * it, and the creation time, if any.
 *
 * @throws `ProblemsError` `ERR_BUNDLE_INVALID` when two items of one kind and name differ, or one digest has two sizes
 */
export function planBundle(
  name: string,
  items: readonly PlannedItem[],
  { about, created, signatureRoom }: Pick<PlanParts, 'about' | 'created' | 'signatureRoom'> = {},
): BundlePlan {
  const ordered = orderItems(items);
  return planOf({
    name,
    about,
    created,
    signatureRoom,
    items: ordered.map(({ item }) => item),
    blobs: orderBlobs(ordered),
  });
}

/** What a bundle is to be, all of it in the order of the bundle. */
export interface PlanParts {
  readonly name: string;
  readonly about?: About | undefined;
  readonly created?: string | undefined;
  readonly signatureRoom?: number | undefined;
  readonly patchOf?: Digest | undefined;
  readonly items: readonly Item[];
  readonly blobs: readonly PlannedBlob[];
  readonly requires?: readonly Requirement[] | undefined;
}

/** Returns the plan of a bundle of these parts, which determine every byte of its head. */
export function planOf(parts: PlanParts): BundlePlan {
  const { name, about, created, signatureRoom, patchOf, items, blobs, requires } = parts;
  const ociLayout = { path: LAYOUT.ociLayout, bytes: OCI_LAYOUT_BYTES };
  const readme = { path: LAYOUT.readme, bytes: encodeReadme(name) };
  const index = { path: LAYOUT.index, bytes: encodeIndex(items) };
  const dockerList = { path: LAYOUT.dockerList, bytes: encodeDockerList(items, blobs) };
  const document: BundleDocument = {
    version: BUNDLE_VERSION,
    mediaType: BUNDLE_MEDIA_TYPE,
    name,
    about: orderAbout(about),
    created,
    signatureRoom,
    patchOf,
    items,
    files: [ociLayout, readme, index, dockerList].map(({ path, bytes }) => ({
      path,
      digest: digestOf(bytes),
      size: bytes.length,
    })),
    blobs: BlobTable.of(blobs.values().map(({ descriptor }) => descriptor)),
    requires,
  };
  const bytes = encodeDocument(document);
  const root = digestOf(bytes);
  return {
    document,
    root,
    files: [
      ociLayout,
      { path: LAYOUT.document, bytes },
      { path: LAYOUT.signature, bytes: unsigned(signatureRoom) },
      readme,
      index,
      dockerList,
      { path: LAYOUT.sums, bytes: encodeSums(document, root) },
    ],
    blobs,
  };
}
