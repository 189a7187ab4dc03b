import semver from 'semver';

/** The tag of a release of K3s or RKE2, split into its parts. */
export interface ReleaseTag {
  /** As released: `v1.30.6+k3s1`. */
  readonly tag: string;
  /** Kubernetes version without `v`: `1.30.6`, or `1.31.3-rc2`. */
  readonly version: string;
  /** The Kubernetes version inside: `1.31.3`. A release candidate shares it with the final release. */
  readonly kubernetes: string;
  readonly major: number;
  readonly minor: number;
  readonly patch: number;
  /** The number after `k3s` or `rke2r`. */
  readonly build: number;
  readonly prerelease: boolean;
}

const PREVIEW = /^-([a-z]+)\.?(\d+)$/;
/** In the order they are published; the release itself comes last. */
const STAGES = ['alpha', 'beta', 'rc'];

/**
 * Returns the expression of all tags of a distribution; `suffix` is that of the build, such as `k3s\.?`. Semver, with one
 * exception: some previews have a dot before their number.
 */
export function tagPattern(suffix: string): RegExp {
  const number = String.raw`(0|[1-9]\d{0,5})`;
  const preview = String.raw`(-(?:alpha|beta|rc)\.?(?:0|[1-9]\d{0,5}))?`;
  return new RegExp(String.raw`^v${number}\.${number}\.${number}${preview}\+${suffix}(\d{1,6})$`);
}

/** Returns the parts of a tag that matches a {@link tagPattern}, or `undefined`. */
export function parseTag(tag: string, pattern: RegExp): ReleaseTag | undefined {
  const [, major, minor, patch, preview = '', build] = pattern.exec(tag) ?? [];
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
export function compareTags(left: ReleaseTag, right: ReleaseTag): number {
  return compareVersions(left, right) || left.build - right.build;
}

/** Compares two tags by version alone. */
export function compareVersions(left: ReleaseTag, right: ReleaseTag): number {
  const others = orderOf(right);
  const differences = orderOf(left).map((number, index) => number - (others[index] ?? 0));
  return differences.find((difference) => difference !== 0) ?? 0;
}

/** Returns whether the version of `tag` is below `version`, such as `1.25.3`. */
export function isOlderThan(tag: ReleaseTag, version: string): boolean {
  return semver.lt(tag.version, version);
}

function orderOf({ version, kubernetes, major, minor, patch }: ReleaseTag): readonly number[] {
  const [, stage, number = '0'] = PREVIEW.exec(version.slice(kubernetes.length)) ?? [];
  const rank = stage === undefined ? STAGES.length : STAGES.indexOf(stage);
  return [major, minor, patch, rank, Number(number)];
}
