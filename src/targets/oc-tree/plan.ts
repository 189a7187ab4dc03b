import { type Bundle, requiredBlobs } from '../../bundle/bundle.ts';
import { BlobOwners, walkItem } from '../../bundle/plan/graph.ts';
import { SaddlebagError } from '../../internal/error.ts';
import { formatCount } from '../../internal/format.ts';
import { compareText } from '../../internal/order.ts';
import type { Descriptor } from '../../oci/descriptor.ts';
import type { Digest } from '../../oci/digest.ts';
import { isManifestType } from '../../oci/media-type.ts';
import type { WaitOptions } from '../../oci/roles.ts';
import { nameImages, type PushedImage } from '../registry/images.ts';

/** A repository of the tree, and what is in it. */
interface TreeRepository {
  readonly name: string;
  /** All of its content by digest, manifests too. */
  readonly blobs: Map<Digest, Descriptor>;
  readonly manifests: Set<Digest>;
  readonly tags: Map<string, Digest>;
  /** Images that have no tag here. */
  readonly untagged: Set<Digest>;
  /** Whether one of its images is a list, which `oc` otherwise reduces to one platform. */
  hasLists: boolean;
}

/** What is to be in a tree. */
export interface TreePlan {
  /** Sorted by name. */
  readonly repositories: readonly TreeRepository[];
  /** Images by the name that the user knows. */
  readonly images: ReadonlySet<string>;
  /** Images that travel with some of their platforms only. */
  readonly partial: readonly string[];
  readonly owners: BlobOwners;
}

/**
 * Plans the tree of a bundle: every image, chart and artifact, with its signatures, under the name that it gets at a registry.
 *
 * @throws `ERR_BASE_MISSING` for a delta; `ERR_CONTENT_NOT_FOUND` when there is no image; `ProblemsError` `ERR_TARGET_REFUSED` for names that do not fit; what `walkItem` throws
 */
export async function planTree(
  bundle: Bundle,
  { path, signal }: WaitOptions & { readonly path: string },
): Promise<TreePlan> {
  const required = requiredBlobs(bundle.document);
  if (required.length > 0) throw isDelta(bundle, path, required.length);
  const repositories = new Map<string, TreeRepository>();
  const owners = new BlobOwners();
  const partial = new Set<string>();
  const images = await nameImages(bundle, { host: path });
  if (images.length === 0) throw hasNone(bundle, path);
  for (const image of images) {
    const repository = repositoryFor(repositories, image.reference.repository);
    for await (const { descriptor, document } of walkItem(bundle, image.item, { signal })) {
      repository.blobs.set(descriptor.digest, descriptor);
      if (isManifestType(descriptor.mediaType)) repository.manifests.add(descriptor.digest);
      owners.add(descriptor.digest, image.item);
      if (document?.type !== 'index') continue;
      repository.hasLists = true;
      if (document.manifests.some(({ digest }) => bundle.sizeOf(digest) === undefined))
        partial.add(image.item.name);
    }
    nameIn(repository, image);
  }
  return {
    repositories: [...repositories.values()].sort((left, right) => compareText(left.name, right.name)),
    images: new Set(images.map(({ item }) => item.name)),
    partial: [...partial],
    owners,
  };
}

function repositoryFor(repositories: Map<string, TreeRepository>, name: string): TreeRepository {
  const found = repositories.get(name) ?? {
    name,
    blobs: new Map(),
    manifests: new Set(),
    tags: new Map(),
    untagged: new Set(),
    hasLists: false,
  };
  repositories.set(name, found);
  return found;
}

function nameIn(repository: TreeRepository, { item, reference }: PushedImage): void {
  const { digest } = item.descriptor;
  if (reference.tag === undefined) repository.untagged.add(digest);
  else repository.tags.set(reference.tag, digest);
}

function isDelta(bundle: Bundle, path: string, count: number): SaddlebagError {
  return new SaddlebagError(
    'ERR_BASE_MISSING',
    `Cannot write "${path}": "${bundle.path}" is a delta, and ${formatCount(count, 'blob')} of it are in other bundles`,
    { hint: 'Convert a complete bundle, or install the delta with bundle install.' },
  );
}

function hasNone(bundle: Bundle, path: string): SaddlebagError {
  return new SaddlebagError(
    'ERR_CONTENT_NOT_FOUND',
    `Cannot write "${path}": "${bundle.path}" holds nothing that a registry takes`,
    { hint: 'Run bundle inspect to see what it holds.' },
  );
}
