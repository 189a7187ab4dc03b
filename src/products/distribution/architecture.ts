import { SaddlebagError } from '../../internal/error.ts';
import { formatPlatform, parsePlatform } from '../../oci/platform.ts';

/** Variants a platform may spell out: no release is for another. */
const VARIANTS: readonly string[] = ['arm/v7', 'arm64/v8'];

/**
 * Returns which of the `architectures` of a product a common name means: `armhf`, `armv7l` and `arm/v7` are `arm`, `aarch64` is
 * `arm64`, `x86_64` is `amd64`.
 *
 * @throws `ERR_PLATFORM_INVALID`
 */
export function parseArchitecture<Architecture extends string>(
  text: string,
  {
    product,
    architectures,
    hint,
  }: {
    readonly product: string;
    readonly architectures: readonly Architecture[];
    readonly hint?: string | undefined;
  },
): Architecture {
  const { architecture, variant } = parsePlatform(`linux/${text}`);
  const named = formatPlatform({ os: 'linux', architecture, variant }).slice('linux/'.length);
  const isKnown = variant === undefined || VARIANTS.includes(named);
  const found = architectures.find((each) => each === architecture);
  if (isKnown && found !== undefined) return found;
  throw new SaddlebagError(
    'ERR_PLATFORM_INVALID',
    `Cannot take ${product} for ${JSON.stringify(text)}: it is released for ${architectures.join(', ')}`,
    { hint },
  );
}
