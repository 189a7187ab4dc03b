import { SaddlebagError } from '../../internal/error.ts';
import { formatPlatform, parsePlatform } from '../../oci/platform.ts';

/**
 * Architectures that K3s is or was released for, as its archives name them, sorted (k3s, `scripts/validate-artifacts`; its
 * `install.sh` still knows `s390x`).
 */
export const K3S_ARCHITECTURES = ['amd64', 'arm', 'arm64', 's390x'] as const;

export type K3sArchitecture = (typeof K3S_ARCHITECTURES)[number];

/** Variants a platform may spell out: K3s runs on no others. */
const VARIANTS: readonly string[] = ['arm/v7', 'arm64/v8'];

/** Returns whether `text` is an architecture that K3s is released for, in K3s' own spelling. */
function isK3sArchitecture(text: string): text is K3sArchitecture {
  return K3S_ARCHITECTURES.some((architecture) => architecture === text);
}

/**
 * Returns the architecture behind a common name: `armhf`, `armv7l` and `arm/v7` are `arm`, `aarch64` is `arm64`, `x86_64` is
 * `amd64`.
 *
 * @throws `ERR_PLATFORM_INVALID`
 */
export function parseK3sArchitecture(text: string): K3sArchitecture {
  const { architecture, variant } = parsePlatform(`linux/${text}`);
  const named = formatPlatform({ os: 'linux', architecture, variant }).slice('linux/'.length);
  const isKnown = variant === undefined || VARIANTS.includes(named);
  if (isKnown && isK3sArchitecture(architecture)) return architecture;
  throw new SaddlebagError(
    'ERR_PLATFORM_INVALID',
    `Cannot take K3s for ${JSON.stringify(text)}: it is released for ${K3S_ARCHITECTURES.join(', ')}`,
    { hint: 'Its 32-bit ARM is ARMv7, also called armhf.' },
  );
}
