import { sumsName } from '../distribution/asset.ts';
import { RKE2_ARCHITECTURES, type Rke2Architecture } from './architecture.ts';

/** Suffixes of an archive of images, best first; since 1.21 every release has both. */
const ARCHIVE_SUFFIXES = ['.tar.zst', '.tar.gz'] as const;

/** The part of the images without which no node starts: it has the runtime (rke2, `scripts/build-images`). */
export const CORE = 'core';

/** The part that a node of the default network plugin needs besides. */
export const CANAL = 'canal';

/** Name of a part: `core`, `canal`, `ingress-nginx`. */
export const PART: RegExp = /^[a-z0-9]+(?:-[a-z0-9]+)*$/;

/** `all` is a list that no archive belongs to. */
const NO_PART = 'all';

/** Builds of Windows that releases have images for (rke2, `scripts/package-windows-images`). */
export const WINDOWS_BUILDS = ['1809', 'ltsc2022', '2025'] as const;

export type WindowsBuild = (typeof WINDOWS_BUILDS)[number];

/** The script of a Windows agent; not a release asset: it is in the repository at the tag. */
export const WINDOWS_INSTALL_SCRIPT = 'install.ps1';

/** The program and all that belongs to it, for a Windows agent. */
export const WINDOWS_TARBALL = 'rke2.windows-amd64.tar.gz';

/** Returns the name of the program with its services, `rke2.linux-amd64.tar.gz`. */
export function tarballName(architecture: string): string {
  return `rke2.linux-${architecture}.tar.gz`;
}

/** Returns every name that the archive of a part of the images may have, best first. */
export function partArchiveNames(part: string, architecture: string): readonly string[] {
  return ARCHIVE_SUFFIXES.map((suffix) => `rke2-images-${part}.linux-${architecture}${suffix}`);
}

/** Returns the name of the list of a part's images, one reference a line. */
export function partListName(part: string, architecture: string): string {
  return `rke2-images-${part}.linux-${architecture}.txt`;
}

/** Returns every name that the images of a Windows agent may have, best first. */
export function windowsArchiveNames(build: WindowsBuild): readonly string[] {
  return ['.tar.zst', '.tar.gz'].map((suffix) => `rke2-windows-${build}-amd64-images${suffix}`);
}

/** Returns whether a file is an archive of images for Windows agents. */
export function isWindowsArchive(name: string): boolean {
  return WINDOWS_BUILDS.some((build) => windowsArchiveNames(build).includes(name));
}

/** Returns the part whose archive has this name, or `undefined`. */
export function partOf(name: string, architecture: string): string | undefined {
  const [, part, of] = /^rke2-images-(.+)\.linux-([a-z0-9]+)\.tar\.(?:zst|gz)$/.exec(name) ?? [];
  return part !== undefined && of === architecture && PART.test(part) && part !== NO_PART ? part : undefined;
}

/** Returns the parts that a release has archives for, sorted. */
export function partsOf(names: Iterable<string>, architecture: string): readonly string[] {
  return [...new Set([...names].flatMap((name) => partOf(name, architecture) ?? []))].sort();
}

/** Returns the architectures that these release assets support, sorted. */
export function usableArchitectures(assets: ReadonlySet<string>): readonly Rke2Architecture[] {
  return RKE2_ARCHITECTURES.filter((architecture) =>
    [tarballName(architecture), sumsName(architecture)].every((name) => assets.has(name)),
  );
}
