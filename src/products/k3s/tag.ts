import semver from 'semver';

/** The tag of a K3s release, taken apart. */
export interface K3sTag {
  /** As released: `v1.30.6+k3s1`. */
  readonly tag: string;
  /** Kubernetes version without `v`: `1.30.6`, or `1.31.3-rc2`. */
  readonly version: string;
  /** The Kubernetes that it is made of: `1.31.3`, which a release candidate of K3s shares with the release. */
  readonly kubernetes: string;
  readonly minor: number;
  readonly patch: number;
  /** The number after `k3s`. */
  readonly build: number;
  readonly prerelease: boolean;
}

const TAG = /^v?[0-9.]+(?:-rc\d+)?\+k3s(\d+)$/;

/** Returns the parts of a tag such as `v1.30.6+k3s1`, or `undefined` when it is not one of a K3s release. */
export function parseK3sTag(tag: string): K3sTag | undefined {
  const parsed = semver.parse(tag);
  const build = TAG.exec(tag)?.[1];
  if (parsed === null || build === undefined) return undefined;
  const { version, major, minor, patch, prerelease } = parsed;
  const kubernetes = `${major}.${minor}.${patch}`;
  return { tag, version, kubernetes, minor, patch, build: Number(build), prerelease: prerelease.length > 0 };
}

/** Compares two tags by version, then by build. */
export function compareK3sTags(left: K3sTag, right: K3sTag): number {
  return semver.compare(left.version, right.version) || left.build - right.build;
}

/** Returns whether the version of `tag` is below `version`, such as `1.25.3`. */
export function isOlderThan(tag: K3sTag, version: string): boolean {
  return semver.lt(tag.version, version);
}
