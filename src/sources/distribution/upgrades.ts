import { type DistributionName, upgradeImage } from '../../products/distribution/upgrade-images.ts';
import type { ReleaseTag } from '../../products/distribution/tag.ts';
import { IMAGES } from '../images/want.ts';
import type { Want } from '../want.ts';

/** Asks for the images that upgrade nodes of these architectures to the releases. */
export function upgradeWants(
  distribution: DistributionName,
  tags: readonly ReleaseTag[],
  architectures: readonly string[],
): Want {
  return IMAGES.ask(
    tags.map(({ tag }) => ({
      reference: upgradeImage(distribution, tag),
      namedAt: `"upgrade" of "${distribution}"`,
      platforms: architectures.map((architecture) => `linux/${architecture}`),
    })),
  );
}
