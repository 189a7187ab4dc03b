import { parse } from 'semver';
import { compareText } from '../../internal/order.ts';
import { compareTags, compareVersions } from '../../products/distribution/tag.ts';
import { parseDesktopTag } from '../../products/rancher-desktop/offer.ts';
import { chosenBuilds, type VersionList } from '../../products/rancher-desktop/version-list.ts';

/** The inputs of a merged list. */
export interface MergeParts {
  /** The existing list. */
  readonly existing: VersionList | undefined;
  /** The list in the bundle. */
  readonly carried: VersionList | undefined;
  /** Tags whose folders the bundle places in the cache. */
  readonly placed: readonly string[];
  /** Tags that have a folder in the cache. */
  readonly cached: readonly string[];
}

/**
 * Returns the union of all inputs, ascending. Rancher Desktop opens the folder of exactly the build that its list names
 * last. So of two builds of a version, the one with a folder comes last: one that the bundle places, else one in the
 * cache, else the highest. A label goes to the highest version that has it.
 */
export function mergeVersionLists(parts: MergeParts): VersionList {
  const { existing, carried, placed, cached } = parts;
  const all = new Set([
    ...(existing?.versions ?? []),
    ...(carried?.versions ?? []),
    ...placed,
    // Without a list in the cache, its folders came from the list inside the application, which ours will hide.
    ...cached.filter((tag) => parseDesktopTag(tag) !== undefined),
  ]);
  const rankOf = (tag: string): number => (placed.includes(tag) ? 2 : cached.includes(tag) ? 1 : 0);
  return {
    versions: [...all].sort((left, right) => compareListed(left, right, rankOf)),
    channels: mergeChannels(existing?.channels ?? {}, carried?.channels ?? {}),
  };
}

/** Returns whether a merged list adds anything to the existing one for Rancher Desktop. */
export function addsNothing(existing: VersionList, merged: VersionList): boolean {
  const known = new Set(existing.versions);
  const before = chosenBuilds(existing.versions);
  return (
    merged.versions.every((version) => known.has(version)) &&
    [...chosenBuilds(merged.versions)].every(([version, tag]) => before.get(version)?.tag === tag.tag) &&
    Object.entries(merged.channels).every(([label, version]) => existing.channels[label] === version)
  );
}

/** Invalid release tags come first: Rancher Desktop ignores them, and they are not ours to drop. */
function compareListed(left: string, right: string, rankOf: (tag: string) => number): number {
  const [a, b] = [parseDesktopTag(left), parseDesktopTag(right)];
  if (a === undefined || b === undefined) {
    if (a === b) return compareText(left, right);
    return a === undefined ? -1 : 1;
  }
  return compareVersions(a, b) || rankOf(left) - rankOf(right) || compareTags(a, b);
}

function mergeChannels(
  existing: Readonly<Record<string, string>>,
  carried: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const merged = new Map(Object.entries(existing));
  for (const [label, version] of Object.entries(carried)) {
    const present = merged.get(label);
    if (present === undefined || isHigher(version, present)) merged.set(label, version);
  }
  return Object.fromEntries([...merged].sort(([left], [right]) => compareText(left, right)));
}

function isHigher(version: string, than: string): boolean {
  const [left, right] = [parse(version), parse(than)];
  return left !== null && (right === null || left.compare(right) > 0);
}
