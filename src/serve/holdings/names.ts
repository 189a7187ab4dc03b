import { isSaddlebagError } from '../../internal/error.ts';
import { compareText } from '../../internal/order.ts';
import type { Descriptor } from '../../oci/descriptor.ts';
import { type Naming, NAMINGS, targetReference } from '../../oci/naming.ts';
import { parseReference, type Reference } from '../../oci/reference.ts';
import { ownName } from '../../oci/served-name.ts';

/** A served image under its full name. */
export interface ServedImage {
  readonly name: string;
  readonly descriptor: Descriptor;
}

/** The content of one repository. */
export interface ServedRepository {
  /** Tag → the image it points to. */
  readonly tags: ReadonlyMap<string, Descriptor>;
  /** Roots of its images, tagged or not. */
  readonly roots: readonly Descriptor[];
}

/** Every name that clients may use for an image. */
export interface Names {
  /** Sorted repository names; each image is in exactly one. */
  readonly catalog: readonly string[];
  /**
   * Returns a repository by the name a client asks for. With `host`, which containerd sends to a mirror as `ns`, only that
   * host's repository matches; without it, every name that an install would use matches too.
   */
  find(repository: string, host?: string): ServedRepository | undefined;
}

interface GrowingRepository {
  readonly tags: Map<string, Descriptor>;
  readonly roots: Descriptor[];
}

/** The name without its host, which several images may share. */
const BY_RANK = NAMINGS.toSorted((left, right) => Number(left === 'strip') - Number(right === 'strip'));
/** Docker Hub answers under several hosts; containerd and Docker use the first. */
const HUB: readonly string[] = ['docker.io', 'registry-1.docker.io', 'index.docker.io'];

/**
 * Returns the names of images. When two images share a name, the first one gets it. An image's own name at its host takes
 * precedence over a name that an install would give to another image.
 */
export function namesOf(images: readonly ServedImage[]): Names {
  const byHost = new Map<string, GrowingRepository>();
  const aliases = new Map<string, GrowingRepository>();
  const catalog = new Set<string>();
  const named = images.map((image) => ({ ...image, reference: parseReference(image.name) }));
  for (const { reference, descriptor } of named) {
    add(byHost, `${reference.registry} ${reference.repository}`, { reference, descriptor });
    catalog.add(ownName(reference));
  }
  // Rank by rank, so that a stripped name never hides an image that really has that name.
  for (const { reference, descriptor } of named) add(aliases, ownName(reference), { reference, descriptor });
  for (const naming of BY_RANK) {
    for (const { name, reference, descriptor } of named) {
      const alias = aliasOf(name, naming);
      if (alias !== undefined) add(aliases, alias, { reference, descriptor });
    }
  }
  return {
    catalog: [...catalog].sort(compareText),
    find: (repository, host) =>
      host === undefined ? aliases.get(repository) : byHost.get(`${canonical(host)} ${repository}`),
  };
}

function aliasOf(name: string, naming: Naming): string | undefined {
  try {
    return targetReference(name, naming).repository;
  } catch (error) {
    // An install could not push under such a name either.
    if (isSaddlebagError(error, 'ERR_REFERENCE_INVALID')) return undefined;
    throw error;
  }
}

function add(
  repositories: Map<string, GrowingRepository>,
  name: string,
  { reference, descriptor }: { readonly reference: Reference; readonly descriptor: Descriptor },
): void {
  const repository = repositories.get(name) ?? { tags: new Map<string, Descriptor>(), roots: [] };
  repositories.set(name, repository);
  const { tag } = reference;
  if (tag !== undefined && !repository.tags.has(tag)) repository.tags.set(tag, descriptor);
  if (!repository.roots.some(({ digest }) => digest === descriptor.digest)) repository.roots.push(descriptor);
}

function canonical(host: string): string {
  const lower = host.toLowerCase();
  return HUB.includes(lower) ? 'docker.io' : lower;
}
