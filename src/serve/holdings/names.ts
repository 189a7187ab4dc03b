import { isSaddlebagError } from '../../internal/error.ts';
import { compareText } from '../../internal/order.ts';
import type { Descriptor } from '../../oci/descriptor.ts';
import type { Digest } from '../../oci/digest.ts';
import { type Naming, NAMINGS, targetReference } from '../../oci/naming.ts';
import { parseReference } from '../../oci/reference.ts';
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

/** The name without its host, which several images may share. */
const BY_RANK = NAMINGS.toSorted((left, right) => Number(left === 'strip') - Number(right === 'strip'));
/** Docker Hub answers under several hosts; containerd and Docker use the first. */
const HUB: readonly string[] = ['docker.io', 'registry-1.docker.io', 'index.docker.io'];

/**
 * Returns the names of images. When two images share a name, the first one gets it. An image's own name at its host takes
 * precedence over a name that an install would give to another image.
 */
export function namesOf(images: readonly ServedImage[]): Names {
  const byHost = new Numbers();
  const aliases = new Numbers();
  const catalog = new Set<string>();
  const tags = images.map(({ name }, number) => {
    const reference = parseReference(name);
    byHost.add(`${reference.registry} ${reference.repository}`, number);
    catalog.add(ownName(reference));
    // Rank by rank, so that a stripped name never hides an image that really has that name.
    aliases.add(ownName(reference), number);
    return reference.tag;
  });
  for (const naming of BY_RANK) {
    for (const [number, { name }] of images.entries()) {
      const alias = aliasOf(name, naming);
      if (alias !== undefined) aliases.add(alias, number);
    }
  }
  const repositoryOf = (numbers: Iterable<number>): ServedRepository => {
    const tagged = new Map<string, Descriptor>();
    const roots = new Map<Digest, Descriptor>();
    for (const number of numbers) {
      const [tag, descriptor] = [tags[number], images[number]?.descriptor];
      if (descriptor === undefined) continue;
      if (tag !== undefined && !tagged.has(tag)) tagged.set(tag, descriptor);
      if (!roots.has(descriptor.digest)) roots.set(descriptor.digest, descriptor);
    }
    return { tags: tagged, roots: [...roots.values()] };
  };
  return {
    catalog: [...catalog].sort(compareText),
    find: (repository, host) => {
      const numbers =
        host === undefined ? aliases.of(repository) : byHost.of(`${canonical(host)} ${repository}`);
      return numbers === undefined ? undefined : repositoryOf(numbers);
    },
  };
}

/** Numbers of images by a name: nearly all names have one, and there are several for each image. */
class Numbers {
  readonly #byName = new Map<string, number | Set<number>>();

  /** Adds a number behind those that a name has. */
  add(name: string, number: number): void {
    const known = this.#byName.get(name);
    if (known === undefined) this.#byName.set(name, number);
    else if (typeof known !== 'number') known.add(number);
    else if (known !== number) this.#byName.set(name, new Set([known, number]));
  }

  of(name: string): Iterable<number> | undefined {
    const known = this.#byName.get(name);
    return typeof known === 'number' ? [known] : known;
  }
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

function canonical(host: string): string {
  const lower = host.toLowerCase();
  return HUB.includes(lower) ? 'docker.io' : lower;
}
