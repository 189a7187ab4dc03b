import { type About, orderAbout } from '../../oci/about/about.ts';
import { encoded } from '../../internal/bytes.ts';
import type { Rows } from '../../internal/table/rows.ts';
import type { Digest } from '../../oci/digest.ts';
import { BUNDLE_MEDIA_TYPE, type BundleDocument, type Requirement } from '../format/document.ts';
import { PlannedBlobs } from '../format/blobs/planned.ts';
import { dockerListTexts } from '../format/encode-docker-list.ts';
import { documentTexts } from '../format/encode-document.ts';
import { indexTexts } from '../format/encode-index.ts';
import { encodeReadme } from '../format/encode-readme.ts';
import { sumsText } from '../format/encode-sums.ts';
import type { Item, PlannedBlob, PlannedItem } from '../format/item.ts';
import { LAYOUT, OCI_LAYOUT_BYTES } from '../format/layout.ts';
import { orderBlobs } from '../format/blobs/order.ts';
import { orderItems } from '../format/order-items.ts';
import { unsigned } from '../format/signature-lines.ts';
import { HeadFile } from './head-file.ts';

/** Version of the bundle format this program writes, `major.minor`. */
export const BUNDLE_VERSION = '1.0';

/** Everything about a bundle that is known before its content is fetched: every byte except the blobs'. */
export interface BundlePlan {
  readonly document: BundleDocument;
  /** Root digest: that of `bundle.json`. */
  readonly root: Digest;
  /** The head, in archive order. */
  readonly files: readonly HeadFile[];
  /** Every blob once, in archive order; they follow the head. */
  readonly blobs: Rows<PlannedBlob>;
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
  readonly blobs: Iterable<PlannedBlob>;
  readonly requires?: readonly Requirement[] | undefined;
}

/** Returns the plan of a bundle of these parts, which determine every byte of its head. */
export function planOf(parts: PlanParts): BundlePlan {
  const { name, about, created, signatureRoom, patchOf, items, requires } = parts;
  const blobs = PlannedBlobs.of(parts.blobs);
  const ociLayout = HeadFile.of(LAYOUT.ociLayout, OCI_LAYOUT_BYTES);
  const readme = HeadFile.of(LAYOUT.readme, encodeReadme(name));
  const index = new HeadFile(LAYOUT.index, () => encoded(indexTexts(items)));
  const dockerList = new HeadFile(LAYOUT.dockerList, () => encoded(dockerListTexts(items, blobs)));
  const document: BundleDocument = {
    version: BUNDLE_VERSION,
    mediaType: BUNDLE_MEDIA_TYPE,
    name,
    about: orderAbout(about),
    created,
    signatureRoom,
    patchOf,
    items,
    files: [ociLayout, readme, index, dockerList].map(({ path, digest, size }) => ({ path, digest, size })),
    blobs: blobs.refs,
    requires,
  };
  const own = new HeadFile(LAYOUT.document, () => encoded(documentTexts(document)));
  const root = own.digest;
  const signature = HeadFile.of(LAYOUT.signature, unsigned(signatureRoom));
  const sums = new HeadFile(LAYOUT.sums, () => encoded(sumsText(document, root)));
  return { document, root, files: [ociLayout, own, signature, readme, index, dockerList, sums], blobs };
}
