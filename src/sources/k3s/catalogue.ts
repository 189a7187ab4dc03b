import type { SaddlebagError } from '../../internal/error.ts';
import { compareText } from '../../internal/order.ts';
import type { K3sArchitecture } from '../../products/k3s/architecture.ts';
import { parseK3sTag } from '../../products/k3s/tag.ts';

/** A release of K3s: all that choosing among releases wants to know of it. */
export interface K3sRelease {
  readonly tag: string;
  /** Which of its architectures have all that they need; sorted. */
  readonly architectures: readonly K3sArchitecture[];
}

/** Every release of K3s, and its channels. Equal answers give equal catalogues, whatever order they came in. */
export interface K3sCatalogue {
  /** Sorted by tag, by code unit; each tag once. */
  readonly releases: readonly K3sRelease[];
  /** Name → newest tag, sorted by name; `''` for a channel without one. */
  readonly channels: ReadonlyMap<string, string>;
  /** Why there are no channels, when they could not be had. Only who names one needs them. */
  readonly channelFault?: SaddlebagError | undefined;
  /** Set when it is that of a lock: what is not in it may exist upstream all the same. */
  readonly locked?: boolean | undefined;
}

/** No channel is called anything else, and a lock has room for no more. */
const NAME = /^[!-~]{1,64}$/;

/**
 * Returns the catalogue of these releases and channels. What is no tag of K3s or no name is left out. A release that is listed
 * twice, as it is when another one is published between two pages, has all that either of the two has.
 */
export function catalogueOf(
  releases: Iterable<K3sRelease>,
  channels: Iterable<readonly [string, string]>,
): K3sCatalogue {
  const byTag = new Map<string, readonly K3sArchitecture[]>();
  for (const { tag, architectures } of releases) {
    if (parseK3sTag(tag) === undefined) continue;
    byTag.set(tag, [...new Set([...(byTag.get(tag) ?? []), ...architectures])].sort(compareText));
  }
  const latest = new Map<string, string>();
  for (const [name, tag] of channels) {
    if (NAME.test(name)) latest.set(name, parseK3sTag(tag) === undefined ? '' : tag);
  }
  return {
    releases: sorted(byTag).map(([tag, architectures]) => ({ tag, architectures })),
    channels: new Map(sorted(latest)),
  };
}

function sorted<V>(map: ReadonlyMap<string, V>): (readonly [string, V])[] {
  return [...map].sort(([left], [right]) => compareText(left, right));
}
