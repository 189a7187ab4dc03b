import { encodeJson } from '../../internal/json.ts';
import { compareText } from '../../internal/order.ts';
import type { K3sArchitecture } from '../../products/k3s/asset.ts';
import type { K3sRelease } from './catalogue.ts';
import { compareK3sTags, isOlderThan, type K3sTag, parseK3sTag } from '../../products/k3s/tag.ts';

/**
 * Rancher Desktop's `k3s-versions.json`, schema 2 (releases 1.2.0 and later): which versions it offers, and their labels.
 * It drops what is below its own minimum when it reads, so one list serves old and new.
 */
export interface K3sVersions {
  /** Tags as released, ascending; one build of each version. */
  readonly versions: readonly string[];
  /** Label → version without `v` and build. */
  readonly channels: Readonly<Record<string, string>>;
}

/** The lowest minimum of any Rancher Desktop that reads schema 2. */
const LOWEST_MINIMUM = '1.15.0';

/**
 * Returns the list Rancher Desktop itself would derive, for desktops of any of `architectures`. `pinned` tags take the
 * place of other builds of their version: it looks for the very build that the list names, so the list must name the one
 * a bundle carries.
 */
export function deriveVersions(
  releases: Iterable<K3sRelease>,
  channels: ReadonlyMap<string, string>,
  options: {
    readonly architectures: readonly K3sArchitecture[];
    readonly pinned?: readonly K3sTag[] | undefined;
  },
): K3sVersions {
  const chosen = chooseBuilds(releases, options.architectures);
  for (const tag of [...(options.pinned ?? [])].sort(compareK3sTags)) {
    if (!tag.prerelease) chosen.set(tag.version, tag);
  }
  const labels = [...channels]
    .flatMap(([name, latest]): [string, string][] => {
      const version = parseK3sTag(latest)?.version;
      return version !== undefined && chosen.has(version) ? [[name, version]] : [];
    })
    .sort(([left], [right]) => compareText(left, right));
  const versions = [...chosen.values()].sort(compareK3sTags).map(({ tag }) => tag);
  return { versions, channels: Object.fromEntries(labels) };
}

/** Returns the bytes of the file, laid out as Rancher Desktop writes it. */
export function encodeVersions(list: K3sVersions): Uint8Array {
  return encodeJson({ cacheVersion: 2, versions: list.versions, channels: list.channels });
}

/**
 * The highest usable build of each version. Rancher Desktop stops at the first build it knows already, which is right
 * when it continues an older list; here the list starts empty, and a repetition only means that a release was published
 * between two pages.
 */
function chooseBuilds(
  releases: Iterable<K3sRelease>,
  architectures: readonly K3sArchitecture[],
): Map<string, K3sTag> {
  const chosen = new Map<string, K3sTag>();
  for (const { tag: name, architectures: usable } of releases) {
    const tag = parseK3sTag(name);
    if (tag === undefined || tag.prerelease || isOlderThan(tag, LOWEST_MINIMUM)) continue;
    const known = chosen.get(tag.version);
    if (known !== undefined && known.build >= tag.build) continue;
    if (architectures.some((architecture) => usable.includes(architecture))) chosen.set(tag.version, tag);
  }
  return chosen;
}
