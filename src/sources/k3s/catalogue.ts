import type { SaddlebagError } from '../../internal/error.ts';
import { compareText } from '../../internal/order.ts';
import type { K3sArchitecture } from '../../products/k3s/architecture.ts';
import { parseK3sTag } from '../../products/k3s/tag.ts';

/** A release of K3s: all that choosing among releases needs. */
export interface K3sRelease {
  readonly tag: string;
  /** Architectures for which it has all required files; sorted. */
  readonly architectures: readonly K3sArchitecture[];
}

/** Every release of K3s, and its channels. Equal answers give equal catalogues, in whatever order they came. */
export interface K3sCatalogue {
  /** Sorted by tag, by code unit; each tag once. */
  readonly releases: readonly K3sRelease[];
  /** Name → newest tag, sorted by name; `''` for a channel without one. */
  readonly channels: ReadonlyMap<string, string>;
  /** Why the channels are missing. This only matters to a spec that names one. */
  readonly channelFault?: SaddlebagError | undefined;
  /** Set for the catalogue of a lock: releases it lacks may still exist upstream. */
  readonly locked?: boolean | undefined;
}

/** No channel has any other name, and a lock does not allow one. */
const NAME = /^[!-~]{1,64}$/;

/**
 * Returns the catalogue of these releases and channels. Skips anything that is no K3s tag and no channel name. A release listed
 * twice, which happens when another one is published between two pages, gets the architectures of both entries.
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
