import type { Bundle } from '../bundle/bundle.ts';
import type { BlobCount } from '../bundle/diff.ts';
import type { Requirement } from '../bundle/format/document.ts';
import { type GraphNode, walkItem } from '../bundle/plan/graph.ts';
import { imagePlatforms } from '../bundle/plan/image-platforms.ts';
import type { Audience, ChartImage, Item, ItemKind } from '../bundle/format/item.ts';
import { openBundle } from '../bundle/open.ts';
import { judgeSignature, type SignatureReport } from '../bundle/signing/prove.ts';
import type { Digest } from '../oci/digest.ts';
import type { Index, Manifest } from '../oci/manifest.ts';
import { trustedKeys, type TrustOptions } from '../steps/trusted-keys.ts';

/** What a bundle holds; sizes in bytes. */
export interface InspectResult extends SignatureReport {
  readonly root: Digest;
  readonly name: string;
  /** When it was built, if whoever built it said so. */
  readonly created?: string | undefined;
  /** Whether a key is trusted here, so that `verify` and `install` take nothing that is not signed by it. */
  readonly signatureRequired: boolean;
  readonly path: string;
  readonly shape: Bundle['shape'];
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
  readonly kind: ItemKind;
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

interface InspectedFile {
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
export async function inspectBundle(path: string, options: TrustOptions = {}): Promise<InspectResult> {
  const trust = await trustedKeys(options);
  await using bundle = await openBundle(path, { signal: options.signal });
  const { document } = bundle;
  const { created, patchOf, requires } = document;
  const report = await judgeSignature(bundle, { ...options, trust });
  const documents = new Map<Digest, Manifest | Index>();
  const graphs = new Map<Item, readonly GraphNode[]>();
  for (const item of document.items) {
    graphs.set(item, await walkItem(bundle, item, { ...options, documents }));
  }
  const users = countUsers(graphs.values());
  const items = await Promise.all(
    [...graphs].map(async ([item, nodes]): Promise<InspectedItem> => {
      const { kind, name, descriptor, audience } = item;
      const shared = nodes.filter((node) => (users.get(node.descriptor.digest) ?? 0) > 1);
      const sizes = { bytes: sumOf(nodes), sharedBytes: sumOf(shared) };
      const base = { kind, name, digest: descriptor.digest, audience, ...sizes };
      if (kind === 'image') return { ...base, platforms: await imagePlatforms(bundle, nodes, options) };
      const files = await bundle.files(item, options);
      const images = kind === 'chart' && item.images !== undefined ? { images: item.images } : {};
      return { ...base, ...images, files: files.map((file) => ({ name: file.name, ...file.descriptor })) };
    }),
  );
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

function countUsers(graphs: Iterable<readonly GraphNode[]>): ReadonlyMap<Digest, number> {
  const users = new Map<Digest, number>();
  for (const nodes of graphs) {
    for (const { descriptor } of nodes) users.set(descriptor.digest, (users.get(descriptor.digest) ?? 0) + 1);
  }
  return users;
}

function sumOf(nodes: readonly GraphNode[]): number {
  return nodes.reduce((sum, { descriptor }) => sum + descriptor.size, 0);
}
