import { imagePlatforms } from '../../bundle/plan/image-platforms.ts';
import { SaddlebagError } from '../../internal/error.ts';
import type { Descriptor } from '../../oci/descriptor.ts';
import { fetchManifestDocument } from '../../oci/documents.ts';
import { formatPlatform } from '../../oci/platform.ts';
import { parseReference } from '../../oci/reference.ts';
import type { Repository, WaitOptions } from '../../oci/roles.ts';
import { type AskedRepository } from '../../registry/client.ts';
import { canonicalHost } from '../../registry/settings/settings.ts';
import type { FarSide } from './asked.ts';
import type { Holding } from './holding.ts';

/** Returns what a registry has of what nodes ask it for. It is asked image by image: a registry lists nothing reliably. */
export function registryHolding(host: string, side: FarSide): Holding {
  const registry = side.open(host);
  return {
    name: host,
    names: [],
    find: async (wanted, { signal } = {}) => {
      const own = parseReference(wanted.reference);
      const asked: readonly AskedRepository[] = [
        { host: own.registry, repository: own.repository },
        ...side.askedAt(wanted),
      ].filter((one) => canonicalHost(one.host) === canonicalHost(host));
      for (const { repository: name } of asked) {
        const repository = registry.repository(name);
        const root = await repository.resolve(own.digest ?? own.tag ?? 'latest', { signal });
        if (root === undefined) continue;
        // Only a question about platforms is worth reading manifests for.
        if (wanted.platforms.length === 0) return {};
        return { platforms: await platformsOf(root, repository, { signal }) };
      }
      return undefined;
    },
  };
}

/** What no image says counts for every platform. */
async function platformsOf(
  root: Descriptor,
  repository: Repository,
  options: WaitOptions,
): Promise<readonly string[] | undefined> {
  try {
    const document = await fetchManifestDocument(root, { from: repository, signal: options.signal });
    const platforms =
      document.type === 'index'
        ? document.manifests.flatMap(({ platform }) =>
            platform === undefined || platform.os === 'unknown' ? [] : [formatPlatform(platform)],
          )
        : await imagePlatforms(repository, [{ descriptor: root, document }], options);
    return platforms.length === 0 ? undefined : platforms;
  } catch (error) {
    // An artifact, or an image of a schema that nobody reads any more: it is there.
    if (error instanceof SaddlebagError && error.code === 'ERR_MANIFEST_UNSUPPORTED') return undefined;
    throw error;
  }
}
