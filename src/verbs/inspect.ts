import type { Bundle } from '../bundle/bundle.ts';
import type { BlobCount } from '../bundle/diff.ts';
import type { Requirement } from '../bundle/bundle.ts';
import { walkItem } from '../bundle/plan/graph.ts';
import { imagePlatforms } from '../bundle/plan/image-platforms.ts';
import { kindOf, type Audience, type ChartImage, type Item } from '../bundle/format/item.ts';
import { openBundle } from '../bundle/open.ts';
import type { Form } from '../bundle/shape.ts';
import { judgeSignature, type SignatureReport } from '../bundle/signing/prove.ts';
import type { Digest } from '../oci/digest.ts';
import type { GraphNode } from '../oci/graph.ts';
import type { WaitOptions } from '../oci/roles.ts';
import type { Ears } from '../steps/ears.ts';
import type { Surroundings } from '../steps/surroundings.ts';
import { trustedKeys, type TrustWish } from '../steps/trusted-keys.ts';

/** What to look into. */
export interface InspectWish extends TrustWish {
  /** The bundle. */
  readonly path: string;
}

/** What a bundle contains; sizes in bytes. */
export interface InspectResult extends SignatureReport {
  readonly root: Digest;
  readonly name: string;
  /** When it was built, if the builder recorded a date. */
  readonly created?: string | undefined;
  /** Whether a key is trusted here; then `verify` and `install` accept only bundles signed by it. */
  readonly signatureRequired: boolean;
  readonly path: string;
  readonly shape: Form | 'memory';
  readonly items: readonly InspectedItem[];
  /** For a patch: the bundle it repairs. */
  readonly patchOf?: Digest | undefined;
  /** For a delta: the blobs it requires from elsewhere; the items below include them. */
  readonly requires?: ({ readonly root: Digest; readonly name: string } & BlobCount) | undefined;
  /** Number of blobs. */
  readonly blobs: number;
  /** Size of all files of the bundle, each counted once. */
  readonly bytes: number;
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
  /** For anything but an image: its files. */
  readonly files?: readonly InspectedFile[] | undefined;
}

export interface InspectedFile {
  readonly name: string;
  /** bytes */
  readonly size: number;
  readonly digest: Digest;
}

/**
 * Describes what is in the bundle at `path`. Manifests are read and verified, content is not. A missing or wrong
 * signature is reported in the result and is not an error.
 *
 * @throws `ERR_BUNDLE_NOT_FOUND`, `ERR_BUNDLE_INVALID`, `ERR_ARCHIVE_INVALID`, the errors of a damaged manifest;
 * `ERR_KEY_INVALID`
 */
export async function inspectBundle(
  { path, key, keysNeeded }: InspectWish,
  surroundings: Surroundings,
  { signal }: Ears = {},
): Promise<InspectResult> {
  const trust = await trustedKeys(key, surroundings, { signal, needed: keysNeeded });
  await using bundle = await openBundle(path, { signal });
  const { document } = bundle;
  const { created, patchOf, requires } = document;
  const report = await judgeSignature(bundle, { signal, trust });
  const shared = await sharedBlobs(bundle, { signal });
  const items: InspectedItem[] = [];
  for (const item of document.items) items.push(await inspectItem(bundle, item, { signal, shared }));
  return {
    root: bundle.root,
    name: document.name,
    created,
    ...report,
    signatureRequired: trust !== undefined,
    path,
    shape: bundle.shape,
    items,
    patchOf,
    requires: requires === undefined ? undefined : requirementOf(requires),
    blobs: document.blobs.length,
    bytes: bundle.contents.reduce((sum, { size }) => sum + size, 0),
  };
}

function requirementOf({ root, name, blobs }: Requirement): NonNullable<InspectResult['requires']> {
  return { root, name, blobs: blobs.length, bytes: blobs.reduce((sum, { size }) => sum + size, 0) };
}

async function inspectItem(
  bundle: Bundle,
  item: Item,
  options: WaitOptions & { readonly shared: ReadonlySet<Digest> },
): Promise<InspectedItem> {
  const { signal, shared } = options;
  const { kind, name, descriptor, audience } = item;
  const nodes = await Array.fromAsync(walkItem(bundle, item, { signal }));
  const sizes = {
    bytes: sumOf(nodes),
    sharedBytes: sumOf(nodes.filter((node) => shared.has(node.descriptor.digest))),
  };
  const isUnknown = kind === 'unknown' ? true : undefined;
  const base = { kind: kindOf(item), isUnknown, name, digest: descriptor.digest, audience, ...sizes };
  if (kind === 'image') return { ...base, platforms: await imagePlatforms(bundle, nodes, { signal }) };
  const files = await bundle.files(item, { signal });
  const images = kind === 'chart' ? item.images : undefined;
  return { ...base, images, files: files.map((file) => ({ name: file.name, ...file.descriptor })) };
}

/** Returns the blobs that several items share. */
async function sharedBlobs(bundle: Bundle, { signal }: WaitOptions): Promise<ReadonlySet<Digest>> {
  const used = new Set<Digest>();
  const shared = new Set<Digest>();
  for (const item of bundle.document.items) {
    for await (const { descriptor } of walkItem(bundle, item, { signal }))
      (used.has(descriptor.digest) ? shared : used).add(descriptor.digest);
  }
  return shared;
}

function sumOf(nodes: readonly GraphNode[]): number {
  return nodes.reduce((sum, { descriptor }) => sum + descriptor.size, 0);
}
