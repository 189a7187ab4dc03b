import type { Platform } from '../../oci/platform.ts';

/** Architectures that K3s is released for, by the names its archives have. */
export type K3sArchitecture = 'amd64' | 'arm64' | 'arm';

const ARCHITECTURES: readonly K3sArchitecture[] = ['amd64', 'arm', 'arm64'];

/** The binary has a name of its own on each (k3s, `scripts/validate-artifacts`); note `armhf`. */
const BINARY: Readonly<Record<K3sArchitecture, string>> = {
  amd64: 'k3s',
  arm64: 'k3s-arm64',
  arm: 'k3s-armhf',
};

/** What Rancher Desktop takes an archive of images by, best first. `.tar.gz` was never one of them. */
const DESKTOP_ARCHIVES = ['.tar.zst', '.tar'] as const;

/** Returns whether `text` is an architecture that K3s is released for. */
export function isK3sArchitecture(text: string): text is K3sArchitecture {
  return Object.hasOwn(BINARY, text);
}

/** Returns the name of the binary. */
export function binaryName(architecture: K3sArchitecture): string {
  return BINARY[architecture];
}

/** Returns the name of the archive of images, for example `k3s-airgap-images-amd64.tar.zst`. */
export function archiveName(architecture: K3sArchitecture, suffix: '.tar.zst' | '.tar'): string {
  return `k3s-airgap-images-${architecture}${suffix}`;
}

/** Returns the name of the release's own checksums. */
export function sumsName(architecture: K3sArchitecture): string {
  return `sha256sum-${architecture}.txt`;
}

/** Returns the architectures that a release with these assets can be used on, sorted. */
export function usableArchitectures(assets: ReadonlySet<string>): readonly K3sArchitecture[] {
  return ARCHITECTURES.filter((architecture) => isUsable(assets, architecture));
}

/** Rancher Desktop's own rule. */
function isUsable(assets: ReadonlySet<string>, architecture: K3sArchitecture): boolean {
  return (
    assets.has(binaryName(architecture)) &&
    assets.has(sumsName(architecture)) &&
    DESKTOP_ARCHIVES.some((suffix) => assets.has(archiveName(architecture, suffix)))
  );
}

/** Returns the K3s that a Rancher Desktop on `desktop` runs in its virtual machine; on Windows that is always `amd64`. */
export function desktopArchitecture(desktop: Platform): 'amd64' | 'arm64' {
  return desktop.os !== 'windows' && desktop.architecture === 'arm64' ? 'arm64' : 'amd64';
}
