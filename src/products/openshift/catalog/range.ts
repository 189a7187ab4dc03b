import semver from 'semver';

/** Bounds of versions, both included. A bound may omit its last numbers: up to 2.1 means up to 2.1.x. */
export interface VersionRange {
  readonly minVersion?: string | undefined;
  readonly maxVersion?: string | undefined;
}

const BOUND = /^(?<major>\d+)(?:\.(?<minor>\d+)(?:\.(?<patch>\d+)(?<end>[-+].+)?)?)?$/;

/** Returns whether a text can be a bound. */
export function isVersionBound(text: string): boolean {
  return BOUND.test(text) && semver.valid(filled(text, '0')) !== null;
}

/** Returns whether versions are bounded at all. */
export function isBounded({ minVersion, maxVersion }: VersionRange): boolean {
  return minVersion !== undefined || maxVersion !== undefined;
}

/**
 * Returns whether a version is in a range, by the rules of Masterminds/semver: a pre-release is only where a bound is one, too.
 * Build metadata (after a plus sign) is ignored.
 */
export function isInRange(version: string, { minVersion, maxVersion }: VersionRange): boolean {
  const parsed = semver.parse(version);
  if (parsed === null) return false;
  const bounds = [minVersion, maxVersion].filter((bound) => bound !== undefined);
  const withPrereleases = bounds.some((bound) => semver.prerelease(filled(bound, '0')) !== null);
  if (parsed.prerelease.length > 0 && !withPrereleases) return false;
  const isAbove = minVersion === undefined || semver.gte(parsed, filled(minVersion, '0'));
  const isBelow =
    maxVersion === undefined || semver.lte(parsed, filled(maxVersion, String(Number.MAX_SAFE_INTEGER)));
  return isAbove && isBelow;
}

/** Returns a bound with the numbers that it omits. */
function filled(bound: string, number: string): string {
  const { major = '', minor = number, patch = number, end = '' } = BOUND.exec(bound)?.groups ?? {};
  return `${major}.${minor}.${patch}${end}`;
}
