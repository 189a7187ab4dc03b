import type { Bundle } from '../bundle/bundle.ts';
import { type RequiredBundle, requiredBundles } from '../bundle/inventory.ts';
import { type Sharing, sharingOf, walkItem } from '../bundle/plan/graph.ts';
import { imagePlatforms } from '../bundle/plan/image-platforms.ts';
import { kindOf, type Audience, type ChartImage, type FileItem, type Item } from '../bundle/format/item.ts';
import type { Form } from '../bundle/shape.ts';
import { judgeSignature, type SignatureReport } from '../bundle/signing/prove.ts';
import { compareText } from '../internal/order.ts';
import type { About } from '../oci/about/about.ts';
import type { Digest } from '../oci/digest.ts';
import type { GraphNode } from '../oci/graph.ts';
import type { WaitOptions } from '../oci/roles.ts';
import { bundleOpener, type NetworkWish } from '../steps/carrier.ts';
import type { Ears } from '../steps/ears.ts';
import type { Surroundings } from '../steps/surroundings.ts';
import { trustedKeys, type TrustWish } from '../steps/signing/trusted-keys.ts';

/** What to look into. */
export interface InspectWish extends TrustWish, NetworkWish {
  /** The bundle. */
  readonly path: string;
}

/** What a bundle contains; sizes in bytes. */
export interface InspectResult extends SignatureReport {
  readonly root: Digest;
  readonly name: string;
  /** What whoever built it tells about it. */
  readonly about?: About | undefined;
  /** When it was built, if the builder recorded a date. */
  readonly created?: string | undefined;
  /** Whether a key is trusted here; then `verify` and `install` accept only bundles signed by it. */
  readonly signatureRequired: boolean;
  readonly path: string;
  readonly form: Form | 'memory' | 'registry';
  readonly items: readonly InspectedItem[];
  /** The items of each kind together, the kind with most content first. */
  readonly kinds: readonly KindTotal[];
  /** For a patch: the bundle it repairs. */
  readonly patchOf?: Digest | undefined;
  /** For a delta: the bundles whose blobs it requires, in the order in which they are installed; the items include those blobs. */
  readonly requires?: readonly RequiredBundle[] | undefined;
  /** Number of blobs. */
  readonly blobs: number;
  /** Size of all files of the bundle, each counted once. */
  readonly bytes: number;
}

/** All items of a kind. */
export interface KindTotal {
  readonly kind: string;
  /** Number of items. */
  readonly items: number;
  /** Size of what they are made of, each blob counted once. */
  readonly bytes: number;
  /** How much more it would be if none of them shared a blob with another one. */
  readonly savedBytes: number;
}

export interface InspectedItem {
  /** `image`, `k3s`, `kubectl`, `chart`, `file` …; later versions may add more. */
  readonly kind: string;
  /** Whether this program does not know the kind: it can say what is in the item, and not where it belongs. */
  readonly isUnknown?: boolean | undefined;
  readonly name: string;
  readonly digest: Digest;
  readonly audience: readonly Audience[];
  /** Size of all its blobs, each counted once (bytes). */
  readonly bytes: number;
  /** How much of that is shared with other items (bytes). */
  readonly sharedBytes: number;
  /** For an image: its platforms. */
  readonly platforms?: readonly string[] | undefined;
  /** For a chart: the images found in it, and how they were found. */
  readonly images?: readonly ChartImage[] | undefined;
  /** For a release of Rancher: number of its images that the bundle was built without on purpose; left out when there are none. */
  readonly leftOut?: number | undefined;
  /** For anything but an image: its files. */
  readonly files?: readonly InspectedFile[] | undefined;
  /** For a folder: its symbolic links, and where each leads from the folder that it is in; left out when it has none. */
  readonly links?: readonly { readonly name: string; readonly target: string }[] | undefined;
  /** For a folder: those in it that are empty; left out when there are none. */
  readonly folders?: readonly string[] | undefined;
}

export interface InspectedFile {
  readonly name: string;
  readonly bytes: number;
  readonly digest: Digest;
  /** Whether it is to be executable; left out when not. */
  readonly executable?: boolean | undefined;
}

/**
 * Describes what is in the bundle at `path`. Manifests are read and verified, content is not. A missing or wrong
 * signature is reported in the result and is not an error.
 *
 * @throws `ERR_BUNDLE_NOT_FOUND`, `ERR_BUNDLE_INVALID`, `ERR_ARCHIVE_INVALID`, the errors of a damaged manifest;
 * `ERR_KEY_INVALID`
 */
export async function inspectBundle(
  wish: InspectWish,
  surroundings: Surroundings,
  { signal, onFinding, onNetwork }: Ears = {},
): Promise<InspectResult> {
  const { path, key, keysNeeded } = wish;
  const trust = await trustedKeys(key, surroundings, { signal, needed: keysNeeded });
  const open = bundleOpener(wish, surroundings, { signal, onFinding, onNetwork });
  await using bundle = await open(path, { signal });
  const { document } = bundle;
  const { about, created, patchOf } = document;
  const report = await judgeSignature(bundle, { signal, trust });
  const sharing = await sharingOf(bundle, { signal });
  const items: InspectedItem[] = [];
  for (const item of document.items) items.push(await inspectItem(bundle, item, { signal, sharing }));
  return {
    root: bundle.root,
    name: document.name,
    about,
    created,
    ...report,
    signatureRequired: trust !== undefined,
    path,
    form: bundle.shape,
    items,
    kinds: kindsOf(items, sharing),
    patchOf,
    requires: requiredBundles(document),
    blobs: document.blobs.length,
    bytes: bundle.contents.bytes,
  };
}

async function inspectItem(
  bundle: Bundle,
  item: Item,
  options: WaitOptions & { readonly sharing: Sharing },
): Promise<InspectedItem> {
  const { signal, sharing } = options;
  const { kind, name, descriptor, audience } = item;
  const nodes = await Array.fromAsync(walkItem(bundle, item, { signal }));
  const sizes = {
    bytes: sumOf(nodes),
    sharedBytes: sumOf(nodes.filter(({ descriptor: { digest } }) => sharing.isShared(digest))),
  };
  const isUnknown = kind === 'unknown' ? true : undefined;
  const base = { kind: kindOf(item), isUnknown, name, digest: descriptor.digest, audience, ...sizes };
  if (kind === 'image') return { ...base, platforms: await imagePlatforms(bundle, nodes, { signal }) };
  const { files, links, folders } = await bundle.tree(item, { signal });
  const images = kind === 'chart' ? item.images : undefined;
  const leftOut = kind === 'rancher' ? await countLeftOut(bundle, item, { signal }) : 0;
  return {
    ...base,
    images,
    leftOut: leftOut === 0 ? undefined : leftOut,
    files: files.map(({ name: title, descriptor: content, executable }) => {
      return { name: title, bytes: content.size, digest: content.digest, executable };
    }),
    links: links.length === 0 ? undefined : links,
    folders: folders.length === 0 ? undefined : folders,
  };
}

/** Other keys of a spec may have brought what a release was taken without. */
async function countLeftOut(bundle: Bundle, item: FileItem, options: WaitOptions): Promise<number> {
  const present = new Set(bundle.document.items.map(({ name }) => name));
  // What reads charts and manifests comes with it: most bundles have no release of Rancher.
  const { leftOutOf } = await import('../steps/check/check.ts');
  const leftOut = await leftOutOf(bundle, item, options);
  return [...leftOut.keys()].filter((name) => !present.has(name)).length;
}

function kindsOf(items: readonly InspectedItem[], sharing: Sharing): readonly KindTotal[] {
  const totals = [...Map.groupBy(items, ({ kind }) => kind)].map(([kind, those]) => {
    const bytes = sharing.bytesOf(kind);
    const apart = those.reduce((sum, item) => sum + item.bytes, 0);
    return { kind, items: those.length, bytes, savedBytes: apart - bytes };
  });
  return totals.toSorted((left, right) => right.bytes - left.bytes || compareText(left.kind, right.kind));
}

function sumOf(nodes: readonly GraphNode[]): number {
  return nodes.reduce((sum, { descriptor }) => sum + descriptor.size, 0);
}
