import semver from 'semver';

/** Returns the neighbours of an unknown version among `known`, the lower one first, as suggestions. */
export function nearestVersions(wanted: string, known: Iterable<string>): readonly string[] {
  const target = semver.parse(wanted, { loose: true });
  if (target === null) return [];
  const sorted = [...new Set(known)]
    .filter((version) => semver.valid(version, { loose: true }) !== null)
    .sort((left, right) => semver.compareBuild(left, right, { loose: true }));
  const lower = sorted.filter((version) => semver.compareBuild(version, target, { loose: true }) < 0).at(-1);
  const higher = sorted.find((version) => semver.compareBuild(version, target, { loose: true }) > 0);
  return [lower, higher].filter((version) => version !== undefined);
}
