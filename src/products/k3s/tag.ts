import semver from 'semver';

/** The tag of a K3s release, split into its parts. */
export interface K3sTag {
  /** As released: `v1.30.6+k3s1`. */
  readonly tag: string;
  /** Kubernetes version without `v`: `1.30.6`, or `1.31.3-rc2`. */
  readonly version: string;
  /** The Kubernetes version inside: `1.31.3`. A release candidate of K3s shares it with the final release. */
  readonly kubernetes: string;
  readonly major: number;
  readonly minor: number;
  readonly patch: number;
  /** The number after `k3s`. */
  readonly build: number;
  readonly prerelease: boolean;
}

/** Semver, with two exceptions: the first tags of 2020 have a dot before the build, and some previews one before their number. */
export const K3S_TAG: RegExp =
  /^v(0|[1-9]\d{0,5})\.(0|[1-9]\d{0,5})\.(0|[1-9]\d{0,5})(-(?:alpha|beta|rc)\.?(?:0|[1-9]\d{0,5}))?\+k3s\.?(\d{1,6})$/;
const PREVIEW = /^-([a-z]+)\.?(\d+)$/;
/** In the order they are published; the release itself comes last. */
const STAGES = ['alpha', 'beta', 'rc'];

/** Returns the parts of a tag such as `v1.30.6+k3s1` or `v1.31.3-rc2+k3s1`, or `undefined` when it is not one of a K3s release. */
export function parseK3sTag(tag: string): K3sTag | undefined {
  const [, major, minor, patch, preview = '', build] = K3S_TAG.exec(tag) ?? [];
  if (major === undefined || minor === undefined || patch === undefined) return undefined;
  const kubernetes = `${major}.${minor}.${patch}`;
  return {
    tag,
    version: `${kubernetes}${preview}`,
    kubernetes,
    major: Number(major),
    minor: Number(minor),
    patch: Number(patch),
    build: Number(build),
    prerelease: preview !== '',
  };
}

/** Compares two tags by version, then by build. Numbers compare as numbers: `-rc10` comes after `-rc9`, `k3s10` after `k3s9`. */
export function compareK3sTags(left: K3sTag, right: K3sTag): number {
  return compareK3sVersions(left, right) || left.build - right.build;
}

/** Compares two tags by version alone. */
export function compareK3sVersions(left: K3sTag, right: K3sTag): number {
  const others = orderOf(right);
  const differences = orderOf(left).map((number, index) => number - (others[index] ?? 0));
  return differences.find((difference) => difference !== 0) ?? 0;
}

/** Returns whether the version of `tag` is below `version`, such as `1.25.3`. */
export function isOlderThan(tag: K3sTag, version: string): boolean {
  return semver.lt(tag.version, version);
}

function orderOf({ version, kubernetes, major, minor, patch }: K3sTag): readonly number[] {
  const [, stage, number = '0'] = PREVIEW.exec(version.slice(kubernetes.length)) ?? [];
  const rank = stage === undefined ? STAGES.length : STAGES.indexOf(stage);
  return [major, minor, patch, rank, Number(number)];
}
