import { compareNumbers, newestOf, type ReleaseNumbers } from './numbers.ts';
import type { UpgradeStart } from './start.ts';

/** Why there is no upgrade path. */
export type PathFault =
  /** The target is of another major release. */
  | { readonly kind: 'major'; readonly target: ReleaseNumbers }
  /** The target is older than what is running. */
  | { readonly kind: 'older'; readonly target: ReleaseNumbers }
  /** No release of these minors can be used. */
  | { readonly kind: 'gap'; readonly target: ReleaseNumbers; readonly minors: readonly number[] };

/** What a path is chosen from. */
export interface PathWish<Release> {
  /** The releases that the spec names; the highest is where the upgrade ends. */
  readonly targets: readonly Release[];
  /** The releases that can be passed through. */
  readonly offers: readonly Release[];
  /** Whether the upgrade first goes to the newest patch of the minor that it starts in, as Rancher's does. */
  readonly startsAtNewestPatch?: boolean | undefined;
}

/**
 * Returns the releases that an upgrade passes through, in order, its end included: no minor is skipped (Kubernetes, "Version Skew
 * Policy"; Rancher, "Upgrades"), and of each the one that the spec names, else the highest patch. The path is empty when its end is
 * what is running already.
 */
export function upgradePath<Release extends ReleaseNumbers>(
  start: UpgradeStart,
  { targets, offers, startsAtNewestPatch = false }: PathWish<Release>,
): readonly Release[] | PathFault {
  const foreign = targets.find(({ major }) => major !== start.major);
  if (foreign !== undefined) return { kind: 'major', target: foreign };
  const older = targets.find((target) => isOlder(target, start));
  if (older !== undefined) return { kind: 'older', target: older };
  const end = targets.toSorted(compareNumbers).at(-1);
  if (end === undefined || isStart(end, start)) return [];
  const finals = offers.filter(({ major, prerelease }) => major === start.major && !prerelease);
  const newestIn = (wanted: number): Release | undefined =>
    newestOf(targets.filter(({ minor }) => minor === wanted)) ??
    newestOf(finals.filter(({ minor }) => minor === wanted));
  const minors = between(start.minor, end.minor);
  const passed = minors.map((minor) => ({ minor, release: newestIn(minor) }));
  const missing = passed.filter(({ release }) => release === undefined).map(({ minor }) => minor);
  if (missing.length > 0) return { kind: 'gap', target: end, minors: missing };
  const first = startsAtNewestPatch && end.minor > start.minor ? newestIn(start.minor) : undefined;
  const isAhead = first !== undefined && !isOlder(first, start) && !isStart(first, start);
  return [...(isAhead ? [first] : []), ...passed.flatMap(({ release }) => release ?? []), end];
}

/** Returns whether a release is older than what is running, as far as that is known. */
function isOlder(release: ReleaseNumbers, start: UpgradeStart): boolean {
  if (start.release !== undefined) return compareNumbers(release, start.release) < 0;
  if (release.minor !== start.minor || start.patch === undefined) return release.minor < start.minor;
  return release.patch < start.patch || (release.patch === start.patch && release.prerelease);
}

function isStart(release: ReleaseNumbers, { release: running }: UpgradeStart): boolean {
  return running !== undefined && compareNumbers(release, running) === 0;
}

/** More minors than this are a slip of the pen, and each would be told as missing. */
const MINOR_LIMIT = 100;

function between(low: number, high: number): readonly number[] {
  const count = Math.min(Math.max(0, high - low - 1), MINOR_LIMIT);
  return Array.from({ length: count }, (_, index) => low + 1 + index);
}
