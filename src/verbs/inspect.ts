import type { Bundle } from '../bundle/bundle.ts';
import type { BlobCount } from '../bundle/diff.ts';
import type { Requirement } from '../bundle/format/document.ts';
import { walkItem } from '../bundle/plan/graph.ts';
import { imagePlatforms } from '../bundle/plan/image-platforms.ts';
import type { Audience, ChartImage, Item } from '../bundle/format/item.ts';
import { openBundle } from '../bundle/open.ts';
import type { Form } from '../bundle/shape.ts';
import { judgeSignature, type SignatureReport } from '../bundle/signing/prove.ts';
import type { Digest } from '../oci/digest.ts';
import type { GraphNode } from '../oci/graph.ts';
import type { WaitOptions } from '../oci/roles.ts';
import type { Ears } from '../steps/ears.ts';
import type { Surroundings } from '../steps/surroundings.ts';
import { trustedKeys } from '../steps/trusted-keys.ts';

/** What a user wants to look into. */
export interface InspectWish {
  /** The bundle. */
  readonly path: string;
  /** Path of the public key that should have signed it, in place of any that is trusted on this host. */
  readonly key?: string | undefined;
}

/** What a bundle holds; sizes in bytes. */
export interface InspectResult extends SignatureReport {
  readonly root: Digest;
  readonly name: string;
  /** When it was built, if whoever built it said so. */
  readonly created?: string | undefined;
  /** Whether a key is trusted here, so that `verify` and `install` take nothing that is not signed by it. */
  readonly signatureRequired: boolean;
  readonly path: string;
  readonly shape: Form | 'memory';
  readonly items: readonly InspectedItem[];
  /** Of a patch: the bundle that it mends. */
  readonly patchOf?: Digest | undefined;
  /** Of a delta: what it counts on; the items below are made of that as well. */
  readonly requires?: ({ readonly root: Digest; readonly name: string } & BlobCount) | undefined;
  /** How many blobs. */
  readonly blobs: number;
  /** Of all files of the bundle, each counted once. */
  readonly bytes: number;
}

export interface InspectedItem {
  /** `image`, `k3s`, `kubectl`, `chart`, `file` …; there may be more of them later. */
  readonly kind: string;
  readonly name: string;
  readonly digest: Digest;
  readonly audience: readonly Audience[];
  /** All that it is made of, each blob once (bytes). */
  readonly bytes: number;
  /** How much of that other items are made of as well (bytes). */
  readonly sharedBytes: number;
  /** Of an image: what it runs on. */
  readonly platforms?: readonly string[] | undefined;
  /** Of a chart: the images found in it, and how. */
  readonly images?: readonly ChartImage[] | undefined;
  /** Of anything but an image: its files. */
  readonly files?: readonly InspectedFile[] | undefined;
}

export interface InspectedFile {
  readonly name: string;
  /** bytes */
  readonly size: number;
  readonly digest: Digest;
}

/**
 * Tells what is in the bundle at `path`. Manifests are read and verified, content is not; a signature that is missing or
 * wrong is told as well, and no error.
 *
 * @throws `ERR_BUNDLE_NOT_FOUND`, `ERR_BUNDLE_INVALID`, `ERR_ARCHIVE_INVALID`, what a damaged manifest leads to;
 * `ERR_KEY_INVALID`
 */
export async function inspectBundle(
  { path, key }: InspectWish,
  surroundings: Surroundings,
  { signal }: Ears = {},
): Promise<InspectResult> {
  const trust = await trustedKeys(key, surroundings, { signal });
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
  const base = { kind, name, digest: descriptor.digest, audience, ...sizes };
  if (kind === 'image') return { ...base, platforms: await imagePlatforms(bundle, nodes, { signal }) };
  const files = await bundle.files(item, { signal });
  const images = kind === 'chart' ? item.images : undefined;
  return { ...base, images, files: files.map((file) => ({ name: file.name, ...file.descriptor })) };
}

/** Returns the blobs that more than one item is made of. */
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
