import type { SaddlebagError } from '../../internal/error.ts';
import { compareText } from '../../internal/order.ts';
import type { Distribution } from './distribution.ts';

/** A release of a distribution: all that choosing among releases needs. */
export interface Release {
  readonly tag: string;
  /** Architectures for which it has all required files; sorted. */
  readonly architectures: readonly string[];
}

/** Every release of a distribution, and its channels. Equal answers give equal catalogues, in whatever order they came. */
export interface Catalogue {
  readonly distribution: Distribution;
  /** Sorted by tag, by code unit; each tag once. */
  readonly releases: readonly Release[];
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
 * Returns the catalogue of these releases and channels. Skips anything that is no tag of the distribution and no channel name. A
 * release listed twice, which happens when another one is published between two pages, gets the architectures of both entries.
 */
export function catalogueOf(
  distribution: Distribution,
  {
    releases,
    channels,
  }: {
    readonly releases: Iterable<Release>;
    readonly channels: Iterable<readonly [string, string]>;
  },
): Catalogue {
  const { parse } = distribution;
  const byTag = new Map<string, readonly string[]>();
  for (const { tag, architectures } of releases) {
    if (parse(tag) === undefined) continue;
    byTag.set(tag, [...new Set([...(byTag.get(tag) ?? []), ...architectures])].sort(compareText));
  }
  const latest = new Map<string, string>();
  for (const [name, tag] of channels) {
    if (NAME.test(name)) latest.set(name, parse(tag) === undefined ? '' : tag);
  }
  return {
    distribution,
    releases: sorted(byTag).map(([tag, architectures]) => ({ tag, architectures })),
    channels: new Map(sorted(latest)),
  };
}

function sorted<V>(map: ReadonlyMap<string, V>): (readonly [string, V])[] {
  return [...map].sort(([left], [right]) => compareText(left, right));
}
