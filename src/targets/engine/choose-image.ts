import { type Bundle, dockerTagOf, type EngineImage } from '../../bundle/bundle.ts';
import { quote } from '../../internal/quote.ts';
import { SaddlebagError } from '../../internal/error.ts';
import type { Descriptor } from '../../oci/descriptor.ts';
import { fetchManifestDocument } from '../../oci/documents.ts';
import { isManifestType, MEDIA_TYPE } from '../../oci/media-type.ts';
import { decodePlatform, formatPlatform, matchesPlatform, type Platform } from '../../oci/platform.ts';
import type { WaitOptions } from '../../oci/roles.ts';
import { fetchDocument } from '../../oci/verified.ts';
import type { ItemOf } from '../item-files.ts';

/** Ceiling (bytes) of the config of an image. */
const CONFIG_LIMIT = 8 * 1024 * 1024;
const CONFIG_TYPES: readonly string[] = [MEDIA_TYPE.ociConfig, MEDIA_TYPE.dockerConfig];

/**
 * Returns the image of an item for one platform.
 *
 * @throws `ERR_TARGET_REFUSED` when it has none, is no image that runs, or has no name that an engine keeps
 */
export async function chooseImage(
  bundle: Bundle,
  item: ItemOf<'image'>,
  options: WaitOptions & { readonly platform: Platform; readonly keepsDigests: boolean },
): Promise<EngineImage> {
  const { platform, keepsDigests, signal } = options;
  const name = dockerTagOf(item.name) ?? (keepsDigests ? item.name : undefined);
  if (name === undefined)
    throw refused(
      item,
      'it has a digest and no tag, and the engine keeps no such name',
      'Give it a tag in the spec.',
    );
  const root = item.descriptor;
  const document = await fetchManifestDocument(root, { from: bundle, signal });
  const image = document.type === 'index' ? childFor(document.manifests, platform) : root;
  if (image === undefined)
    throw refused(
      item,
      `it has nothing for ${formatPlatform(platform)}`,
      'Build the bundle with this platform.',
    );
  const manifest = await fetchManifestDocument(image, { from: bundle, signal });
  if (manifest.type === 'index' || !CONFIG_TYPES.includes(manifest.config.mediaType))
    throw refused(item, 'it is no image that an engine runs');
  if (document.type !== 'index') {
    const found = await platformOf(bundle, manifest.config, { signal });
    if (found !== undefined && !matchesPlatform(platform, found))
      throw refused(
        item,
        `it is for ${formatPlatform(found)}, and the engine runs ${formatPlatform(platform)}`,
        'Build the bundle with this platform, or name another with --host-platform.',
      );
  }
  return { name, root, image, manifest };
}

/** Of several that match, the one without a variant or with the usual one comes first in every index. */
function childFor(manifests: readonly Descriptor[], platform: Platform): Descriptor | undefined {
  return manifests.find(
    (child) =>
      isManifestType(child.mediaType) &&
      child.platform !== undefined &&
      matchesPlatform(platform, child.platform),
  );
}

async function platformOf(
  bundle: Bundle,
  config: Descriptor,
  { signal }: WaitOptions,
): Promise<Platform | undefined> {
  if (config.size > CONFIG_LIMIT) return undefined;
  const bytes = await fetchDocument(bundle, config, { limit: CONFIG_LIMIT, signal });
  try {
    const value: unknown = JSON.parse(Buffer.from(bytes).toString('utf8'));
    return decodePlatform(value);
  } catch {
    // An engine says more about a config that is none.
    return undefined;
  }
}

function refused(item: ItemOf<'image'>, fact: string, hint?: string): SaddlebagError {
  return new SaddlebagError('ERR_TARGET_REFUSED', `Cannot load image ${quote(item.name)}: ${fact}`, { hint });
}
