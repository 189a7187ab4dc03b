import { parse, type SemVer } from 'semver';
import type { ArtifactFile } from '../../oci/artifact.ts';

/** The files of one K3s release for one architecture, by what they are for. */
export interface K3sFiles {
  readonly executable: ArtifactFile | undefined;
  readonly sums: ArtifactFile | undefined;
  /** Airgap images in the order a reader prefers them: `.tar.zst`, `.tar.gz`, `.tar`. */
  readonly images: readonly ArtifactFile[];
  readonly installer: ArtifactFile | undefined;
  readonly imageList: ArtifactFile | undefined;
}

/** Names of the executable by architecture: K3s calls a 32-bit ARM binary `armhf` and its images `arm`. */
const EXECUTABLES: Readonly<Record<string, string>> = { amd64: 'k3s', arm64: 'k3s-arm64', arm: 'k3s-armhf' };
const IMAGE_SUFFIXES = ['.tar.zst', '.tar.gz', '.tar'] as const;

/** Returns what the executable is called in a release, `k3s` for amd64. */
export function k3sExecutableName(architecture: string): string {
  return EXECUTABLES[architecture] ?? `k3s-${architecture}`;
}

/** Returns what the list of checksums is called in a release. */
export function k3sSumsName(architecture: string): string {
  return `sha256sum-${architecture}.txt`;
}

/** Returns what the airgap images are called in a release, with the given suffix. */
export function k3sImagesName(architecture: string, suffix: (typeof IMAGE_SUFFIXES)[number]): string {
  return `k3s-airgap-images-${architecture}${suffix}`;
}

/** Returns a release's files for one architecture, found by their upstream names. */
export function k3sFilesFor(files: readonly ArtifactFile[], architecture: string): K3sFiles {
  const named = (name: string): ArtifactFile | undefined => files.find((file) => file.name === name);
  return {
    executable: named(k3sExecutableName(architecture)),
    sums: named(k3sSumsName(architecture)),
    images: IMAGE_SUFFIXES.map((suffix) => named(k3sImagesName(architecture, suffix))).filter(
      (file) => file !== undefined,
    ),
    installer: named('install.sh'),
    imageList: named('k3s-images.txt'),
  };
}

/** A K3s release tag, read: `v1.30.6+k3s1`. */
export interface K3sTag {
  readonly raw: string;
  /** `1.30.6` */
  readonly version: string;
  readonly semver: SemVer;
  /** The number after `k3s`. */
  readonly build: number;
}

/** The tags Rancher Desktop takes for a folder of its cache; release candidates and names without `v` are not among them. */
const TAG = /^v(\d+\.\d+\.\d+)\+k3s(\d+)$/;

/** Returns a release tag, or `undefined` when the text is not the tag of a stable K3s release. */
export function parseK3sTag(raw: string): K3sTag | undefined {
  const [, version, build] = TAG.exec(raw) ?? [];
  const semver = version === undefined ? null : parse(version);
  if (version === undefined || semver === null) return undefined;
  return { raw, version, semver, build: Number(build) };
}

/** Compares by version, then by the number of the build. */
export function compareK3sTags(left: K3sTag, right: K3sTag): number {
  return left.semver.compare(right.semver) || left.build - right.build;
}
