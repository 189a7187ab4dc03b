import type { BlobBase } from '../../bundle/check/base.ts';
import type { BlobRef } from '../../bundle/bundle.ts';
import { isSaddlebagError } from '../../internal/error.ts';
import type { Finding } from '../../internal/finding.ts';
import { mapConcurrently } from '../../internal/gate.ts';
import { REQUESTS_AT_ONCE } from '../../internal/http/host.ts';
import { uniqueBy } from '../../internal/order.ts';
import type { Descriptor } from '../../oci/descriptor.ts';
import type { Digest } from '../../oci/digest.ts';
import { fetchManifestDocument } from '../../oci/documents.ts';
import { walkGraph } from '../../oci/graph.ts';
import { MEDIA_TYPE } from '../../oci/media-type.ts';
import type { Registry, Repository, WaitOptions } from '../../oci/roles.ts';
import { parsePushedName, type PushedName } from './pushed-name.ts';
import { isReference, type Receipt } from '../receipts/receipt.ts';

/** The images that earlier installs pushed, as a base. */
export interface RegistryBase extends BlobBase {
  /** Returns a repository of a registry that has the blob. */
  repositoryAt(host: string, digest: Digest): string | undefined;
}

export interface RegistryBaseOptions {
  readonly registryAt: (host: string) => Registry;
  readonly onFinding?: ((finding: Finding) => void) | undefined;
}

/**
 * Returns the registries in the receipts as a base. The registries are asked what their images contain now: an image
 * may have been replaced or deleted since.
 */
export function registryBase(
  receipts: readonly Receipt[],
  { registryAt, onFinding }: RegistryBaseOptions,
): RegistryBase {
  const places = new Map<Digest, PushedName>();
  const repositoryOf = ({ host, repository }: PushedName): Repository =>
    registryAt(host).repository(repository);
  return {
    name: 'the images of earlier installs',
    vouchesFor: [],
    async find(blobs, wait = {}) {
      const images = await reachable(namesOf(receipts), { registryAt, onFinding, signal: wait.signal });
      const wanted = new Set(blobs.map(({ digest }) => digest));
      const found = new Map<Digest, PushedName[]>();
      await mapConcurrently(images, REQUESTS_AT_ONCE, async (image) => {
        for (const digest of await contentOf(repositoryOf(image), image, wait)) {
          if (wanted.has(digest)) found.set(digest, [...(found.get(digest) ?? []), image]);
        }
      });
      await mapConcurrently(blobs, REQUESTS_AT_ONCE, async (blob) => {
        for (const image of found.get(blob.digest) ?? []) {
          if (!(await attempt(() => repositoryOf(image).has(asContent(blob), wait), false))) continue;
          places.set(blob.digest, image);
          return;
        }
      });
      return { held: new Set([...wanted].filter((digest) => places.has(digest))), damaged: new Set() };
    },
    async *open(blob, wait) {
      const image = places.get(blob.digest);
      if (image === undefined) throw new TypeError(`blob "${blob.digest}" was not found before`);
      yield* repositoryOf(image).fetch(asContent(blob), wait);
    },
    repositoryAt: (host, digest) => {
      const image = places.get(digest);
      return image?.host === host ? image.repository : undefined;
    },
  };
}

function asContent({ digest, size }: BlobRef): Descriptor {
  return { mediaType: MEDIA_TYPE.octetStream, digest, size };
}

function namesOf(receipts: readonly Receipt[]): readonly PushedName[] {
  const images = receipts.flatMap(({ items, targets }) => {
    // What went into an engine of this host is at no registry.
    const others = targets.filter(({ target }) => target !== 'registry');
    const isElsewhere = (destination: string): boolean =>
      others.some(({ place }) => destination.startsWith(`${place}/`));
    return items.filter((item) => isReference(item) && !isElsewhere(item.destination));
  });
  const names = images.flatMap(({ destination }) => parsePushedName(destination) ?? []);
  return uniqueBy(names, ({ host, repository, tagOrDigest }) => `${host}/${repository} ${tagOrDigest}`);
}

/** Asks an unreachable registry once, not once per image. */
async function reachable(
  images: readonly PushedName[],
  options: RegistryBaseOptions & WaitOptions,
): Promise<readonly PushedName[]> {
  const answering = new Set<string>();
  for (const host of new Set(images.map((image) => image.host))) {
    try {
      await options.registryAt(host).ping({ signal: options.signal });
      answering.add(host);
    } catch (error) {
      if (!isSaddlebagError(error) || error.code === 'ERR_INTERRUPTED') throw error;
      options.onFinding?.({
        level: 'warning',
        message: `Cannot look for blobs of earlier installs: ${error.message}`,
        hint: error.hint,
      });
    }
  }
  return images.filter(({ host }) => answering.has(host));
}

/** Returns all the content of an image that the registry still has. */
async function contentOf(
  repository: Repository,
  { tagOrDigest }: PushedName,
  options: WaitOptions,
): Promise<ReadonlySet<Digest>> {
  const found = new Set<Digest>();
  const root = await attempt(() => repository.resolve(tagOrDigest, options), undefined);
  if (root === undefined) return found;
  const { signal } = options;
  const walk = walkGraph(root, {
    signal,
    read: async (target) => await fetchManifestDocument(target, { from: repository, signal }),
    onProblem: () => undefined,
  });
  for await (const { descriptor } of walk) found.add(descriptor.digest);
  return found;
}

/** Content that a registry lacks or refuses cannot be taken from it; a bug or an interruption is rethrown. */
async function attempt<T, F>(task: () => Promise<T>, otherwise: F): Promise<T | F> {
  try {
    return await task();
  } catch (error) {
    if (!isSaddlebagError(error) || error.code === 'ERR_INTERRUPTED') throw error;
    return otherwise;
  }
}
