import semver from 'semver';
import { compareText } from '../../../internal/order.ts';

/** A tag that is a version of three numbers, with or without `v`. */
export interface TagVersion {
  /** With what counts as its pre-release only: `v1.31.4-k3s1` is 1.31.4, `v1.31.4-rc1-k3s1` is 1.31.4-rc.1. */
  readonly release: semver.SemVer;
  /** With everything behind it. */
  readonly whole: semver.SemVer;
}

/** What publishers call a version before its release. All else is a build: `-k3s1`, `-rancher2`, `-alpine`, `-amd64`. */
const PRERELEASE =
  /^-(?:alpha|beta|canary|dev|ea|m|milestone|nightly|next|pre|preview|rc|snapshot|test)(?![a-z])[.-]?\d*(?:\.\d+)*/i;

/** Returns the version that a tag is, if it is one. A tag cannot hold `+`: `_` stands for it, as Helm writes it. */
export function versionOf(tag: string): TagVersion | undefined {
  const [, numbers, suffix = ''] = /^v?(\d+\.\d+\.\d+)(?:([-_].*))?$/.exec(tag) ?? [];
  if (numbers === undefined) return undefined;
  const before = PRERELEASE.exec(suffix)?.[0] ?? '';
  const release = semver.parse(numbersApart(`${numbers}${before}`));
  const rest = suffix.replace(/_.*$/, '').replaceAll(/\.(?=\.|$)/g, '');
  // Some suffixes are no pre-release by the grammar, such as "-01".
  const whole = semver.parse(numbersApart(`${numbers}${rest}`), { loose: true }) ?? release;
  return release === null || whole === null ? undefined : { release, whole };
}

/** Returns whether a version is in a range. A range that names a build of the same version means that build. */
export function isInRange({ release, whole }: TagVersion, range: string): boolean {
  const wanted = new semver.Range(numbersApart(range));
  const namesBuild = wanted.set.flat().some(({ semver: { major, minor, patch, prerelease } }) => {
    if (prerelease === undefined || prerelease.length === 0) return false;
    return (
      major === whole.major &&
      minor === whole.minor &&
      patch === whole.patch &&
      !PRERELEASE.test(`-${prerelease.join('.')}`)
    );
  });
  return wanted.test(namesBuild ? whole : release);
}

/** Orders tags: those that are no version first, then by version, then as text. */
export function compareTags(left: string, right: string): number {
  const [one, other] = [versionOf(left), versionOf(right)];
  if (one === undefined || other === undefined)
    return Number(one !== undefined) - Number(other !== undefined) || compareText(left, right);
  return one.release.compare(other.release) || one.whole.compare(other.whole) || compareText(left, right);
}

/** Semantic versions compare `rc10` and `rc2` as texts, and `rc.10` and `rc.2` as numbers. */
function numbersApart(written: string): string {
  return written.replaceAll(/-[0-9A-Za-z.-]+/g, (suffix) =>
    suffix.replaceAll(/([A-Za-z])(0|[1-9]\d*)(?=$|[.-])/g, '$1.$2'),
  );
}
