import { compareText, uniqueBy } from '../../internal/order.ts';
import type { Descriptor } from '../../oci/descriptor.ts';
import { MANIFEST_LIMIT } from '../../oci/manifest.ts';
import { MEDIA_TYPE } from '../../oci/media-type.ts';
import { decodePlatform, formatPlatform, type Platform } from '../../oci/platform.ts';
import type { Fetcher, WaitOptions } from '../../oci/roles.ts';
import { fetchDocument } from '../../oci/verified.ts';
import type { GraphNode } from '../../oci/graph.ts';

/**
 * Returns what an image runs on, sorted: `os/architecture[/variant]` of each manifest among its nodes, by the index that
 * lists it or else by its config.
 */
export async function imagePlatforms(
  source: Fetcher,
  nodes: readonly GraphNode[],
  options: WaitOptions = {},
): Promise<readonly string[]> {
  const platforms: string[] = [];
  for (const { descriptor, document } of nodes) {
    if (document?.type !== 'manifest') continue;
    const platform = descriptor.platform ?? (await platformOfConfig(source, document.config, options));
    // Attestations are listed as manifests of the platform unknown/unknown.
    if (platform !== undefined && platform.os !== 'unknown') platforms.push(formatPlatform(platform));
  }
  return uniqueBy(platforms, (text) => text).sort(compareText);
}

async function platformOfConfig(
  source: Fetcher,
  config: Descriptor,
  { signal }: WaitOptions,
): Promise<Platform | undefined> {
  const isConfig = config.mediaType === MEDIA_TYPE.ociConfig || config.mediaType === MEDIA_TYPE.dockerConfig;
  if (!isConfig || config.size > MANIFEST_LIMIT) return undefined;
  const bytes = await fetchDocument(source, config, { limit: MANIFEST_LIMIT, signal });
  try {
    return decodePlatform(JSON.parse(Buffer.from(bytes).toString('utf8')));
  } catch {
    // The digest is right, so upstream published it this way: an image that does not say where it runs.
    return undefined;
  }
}
