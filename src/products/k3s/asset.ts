import { sumsName } from '../distribution/asset.ts';
import { K3S_ARCHITECTURES, type K3sArchitecture } from './architecture.ts';

/** Suffixes of an archive of airgap images, best for a node first; every K3s release has `.tar`. */
const ARCHIVE_SUFFIXES = ['.tar.zst', '.tar.gz', '.tar'] as const;
/** Suffixes of the archives that Rancher Desktop accepts, best first. It never accepted `.tar.gz`. */
const DESKTOP_SUFFIXES = ['.tar.zst', '.tar'] as const;

type ArchiveSuffix = (typeof ARCHIVE_SUFFIXES)[number];

/** The list of images in a release, one reference a line. */
export const IMAGE_LIST = 'k3s-images.txt';

const ARCHIVE_PREFIX = 'k3s-airgap-images-';

/** Binary names that do not follow the architecture (k3s, `install.sh`); note `armhf`. */
const BINARIES: Readonly<Record<string, string>> = { amd64: 'k3s', arm: 'k3s-armhf' };

/** Returns the name of the binary: `k3s` for `amd64`, `k3s-arm64` for `arm64`. */
export function binaryName(architecture: string): string {
  return BINARIES[architecture] ?? `k3s-${architecture}`;
}

/** Returns the name of an archive of images, for example `k3s-airgap-images-amd64.tar.zst`. */
export function archiveName(architecture: string, suffix: ArchiveSuffix): string {
  return `${ARCHIVE_PREFIX}${architecture}${suffix}`;
}

/** Returns every name that the archive of images may have, best first. */
export function archiveNames(architecture: string): readonly string[] {
  return ARCHIVE_SUFFIXES.map((suffix) => archiveName(architecture, suffix));
}

/** Returns the names Rancher Desktop looks for, in its order (1.7 and later; older versions look for `.tar` alone). */
export function desktopArchiveNames(architecture: string): readonly string[] {
  return DESKTOP_SUFFIXES.map((suffix) => archiveName(architecture, suffix));
}

/** Returns whether a file name is that of an image archive, for any architecture. */
export function isArchiveName(name: string): boolean {
  return name.startsWith(ARCHIVE_PREFIX);
}

/** Returns the architectures that these release assets support, sorted. */
export function usableArchitectures(assets: ReadonlySet<string>): readonly K3sArchitecture[] {
  return K3S_ARCHITECTURES.filter((architecture) => isUsable(assets, architecture));
}

/** Rancher Desktop's own rule (`k3sHelper.ts`, `processVersion`); it suits a node as well. */
function isUsable(assets: ReadonlySet<string>, architecture: K3sArchitecture): boolean {
  return (
    assets.has(binaryName(architecture)) &&
    assets.has(sumsName(architecture)) &&
    desktopArchiveNames(architecture).some((name) => assets.has(name))
  );
}
