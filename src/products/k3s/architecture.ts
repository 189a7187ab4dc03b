import { parseArchitecture } from '../distribution/architecture.ts';

/**
 * Architectures that K3s is or was released for, as its archives name them, sorted (k3s, `scripts/validate-artifacts`; its
 * `install.sh` still knows `s390x`).
 */
export const K3S_ARCHITECTURES = ['amd64', 'arm', 'arm64', 's390x'] as const;

export type K3sArchitecture = (typeof K3S_ARCHITECTURES)[number];

/** Returns the architecture behind a common name, as {@link parseArchitecture} does. @throws `ERR_PLATFORM_INVALID` */
export function parseK3sArchitecture(text: string): K3sArchitecture {
  const hint = 'Its 32-bit ARM is ARMv7, also called armhf.';
  return parseArchitecture(text, { product: 'K3s', architectures: K3S_ARCHITECTURES, hint });
}
