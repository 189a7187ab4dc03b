import { newestOf, type ReleaseNumbers } from './numbers.ts';

/**
 * Returns the upgrade path that releases make up: one release of each minor, none skipped. It is empty when they are of one minor or
 * leave one out: then they are no path, but a choice.
 */
export function carriedPath<Release extends ReleaseNumbers>(
  releases: readonly Release[],
): readonly Release[] {
  const byMinor = Map.groupBy(releases, ({ major, minor }) => `${major}.${minor}`);
  const steps = [...byMinor.values()]
    .flatMap((group) => newestOf(group) ?? [])
    .toSorted((left, right) => left.major - right.major || left.minor - right.minor);
  const isWhole = steps.every((step, index) => {
    const before = steps[index - 1];
    return before === undefined || (step.major === before.major && step.minor === before.minor + 1);
  });
  return isWhole && steps.length > 1 ? steps : [];
}
