import { K3S_ARCHITECTURES, type K3sArchitecture } from './architecture.ts';

/** Suffixes of an archive of airgap images, in the order a node is best served with; K3s has published `.tar` always. */
const ARCHIVE_SUFFIXES = ['.tar.zst', '.tar.gz', '.tar'] as const;
/** What Rancher Desktop takes an archive by, best first. `.tar.gz` was never one of them. */
const DESKTOP_SUFFIXES = ['.tar.zst', '.tar'] as const;

type ArchiveSuffix = (typeof ARCHIVE_SUFFIXES)[number];

/** The list of the images that a release was made with, one reference a line. */
export const IMAGE_LIST = 'k3s-images.txt';

/** It is no asset of a release; it is in the repository at the tag. */
export const INSTALL_SCRIPT = 'install.sh';

const ARCHIVE_PREFIX = 'k3s-airgap-images-';
const SUMS_PREFIX = 'sha256sum-';

/** Names of the binary that do not follow the architecture (k3s, `install.sh`); note `armhf`. */
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

/** Returns the names under which Rancher Desktop looks for the images, in its order (1.7 and later; before, `.tar` alone). */
export function desktopArchiveNames(architecture: string): readonly string[] {
  return DESKTOP_SUFFIXES.map((suffix) => archiveName(architecture, suffix));
}

/** Returns whether a file is an archive of images by its name, whatever the architecture. */
export function isArchiveName(name: string): boolean {
  return name.startsWith(ARCHIVE_PREFIX);
}

/** Returns the name of the release's own checksums. */
export function sumsName(architecture: string): string {
  return `${SUMS_PREFIX}${architecture}.txt`;
}

/** Returns whether a file holds checksums of a release by its name. */
export function isSumsName(name: string): boolean {
  return name.startsWith(SUMS_PREFIX);
}

/** Returns the architectures that a release with these assets can be used on, sorted. */
export function usableArchitectures(assets: ReadonlySet<string>): readonly K3sArchitecture[] {
  return K3S_ARCHITECTURES.filter((architecture) => isUsable(assets, architecture));
}

/** Rancher Desktop's own rule (`k3sHelper.ts`, `processVersion`), which a node can live with. */
function isUsable(assets: ReadonlySet<string>, architecture: K3sArchitecture): boolean {
  return (
    assets.has(binaryName(architecture)) &&
    assets.has(sumsName(architecture)) &&
    desktopArchiveNames(architecture).some((name) => assets.has(name))
  );
}
