import { compareText } from '../../internal/order.ts';
import type { K3sArchitecture } from '../../products/k3s/architecture.ts';
import type { Release } from '../distribution/catalogue.ts';
import { compareTags, isOlderThan, type ReleaseTag } from '../../products/distribution/tag.ts';
import { parseK3sTag } from '../../products/k3s/tag.ts';
import { isDesktopRelease } from '../../products/rancher-desktop/offer.ts';
import type { VersionList } from '../../products/rancher-desktop/version-list.ts';

/** The lowest minimum of any Rancher Desktop that reads schema 2. */
const LOWEST_MINIMUM = '1.15.0';

/**
 * Returns the list that Rancher Desktop itself would derive, for desktops of any of `architectures`. `pinned` tags replace
 * other builds of their version: Rancher Desktop looks for exactly the build in the list, so the list must name the one that
 * the bundle carries.
 */
export function deriveVersions(
  releases: Iterable<Release>,
  channels: ReadonlyMap<string, string>,
  options: {
    readonly architectures: readonly K3sArchitecture[];
    readonly pinned?: readonly ReleaseTag[] | undefined;
  },
): VersionList {
  const chosen = chooseBuilds(releases, options.architectures);
  for (const tag of [...(options.pinned ?? [])].sort(compareTags)) {
    if (isDesktopRelease(tag)) chosen.set(tag.version, tag);
  }
  const labels = [...channels]
    .flatMap(([name, latest]): [string, string][] => {
      const version = parseK3sTag(latest)?.version;
      return version !== undefined && chosen.has(version) ? [[name, version]] : [];
    })
    .sort(([left], [right]) => compareText(left, right));
  const versions = [...chosen.values()].sort(compareTags).map(({ tag }) => tag);
  return { versions, channels: Object.fromEntries(labels) };
}

/**
 * Returns the highest usable build of each version. Rancher Desktop stops at the first build it already knows, which is right
 * when it extends an older list. This list starts empty, and a repetition only means that a release was published between two
 * pages.
 */
function chooseBuilds(
  releases: Iterable<Release>,
  architectures: readonly K3sArchitecture[],
): Map<string, ReleaseTag> {
  const chosen = new Map<string, ReleaseTag>();
  for (const { tag: name, architectures: usable } of releases) {
    const tag = parseK3sTag(name);
    if (tag === undefined || !isDesktopRelease(tag) || isOlderThan(tag, LOWEST_MINIMUM)) continue;
    const known = chosen.get(tag.version);
    if (known !== undefined && known.build >= tag.build) continue;
    if (architectures.some((architecture) => usable.includes(architecture))) chosen.set(tag.version, tag);
  }
  return chosen;
}
