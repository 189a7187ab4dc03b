import { parseArchitecture } from '../distribution/architecture.ts';

/** Architectures that RKE2 is or was released for, sorted; arm64 since 1.27.3, s390x from 1.24.1 to 1.28.3. */
export const RKE2_ARCHITECTURES = ['amd64', 'arm64', 's390x'] as const;

export type Rke2Architecture = (typeof RKE2_ARCHITECTURES)[number];

/** Returns the architecture behind a common name, as {@link parseArchitecture} does. @throws `ERR_PLATFORM_INVALID` */
export function parseRke2Architecture(text: string): Rke2Architecture {
  return parseArchitecture(text, { product: 'RKE2', architectures: RKE2_ARCHITECTURES });
}
