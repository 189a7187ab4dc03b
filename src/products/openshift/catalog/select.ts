import semver from 'semver';
import { compareText } from '../../../internal/order.ts';
import { quote } from '../../../internal/quote.ts';
import type { Fail } from './fail.ts';
import type { BundleFact, CatalogFact, ChannelFact, PackageFact } from './facts.ts';
import { isBounded, isInRange, type VersionRange } from './range.ts';
import { pieceOf, upgradeGraphOf } from './upgrade-graph.ts';
import type { CatalogWish, PackageWish } from './wish.ts';

/** What is kept of a package. */
export interface SelectedPackage {
  readonly name: string;
  readonly defaultChannel?: string | undefined;
  /** Names of the bundles by channel. */
  readonly channels: ReadonlyMap<string, ReadonlySet<string>>;
  /** By name, ascending. */
  readonly bundles: ReadonlyMap<string, BundleFact>;
}

/** All documents of a package. */
interface PackageFacts {
  readonly packages: PackageFact[];
  readonly channels: Map<string, ChannelFact>;
  readonly bundles: Map<string, BundleFact>;
}

/**
 * Chooses packages, channels and versions of a catalog by the rules of oc-mirror (sherine-k/catalog-filter,
 * `pkg/filter/mirror-config/v1alpha1/mirror-filter.go`): the newest bundle of each channel, those in a range, or with `full` all.
 * Facts of other packages may be left out.
 *
 * @throws what `fail` returns: for anything missing, duplicate or contradictory, and for a default channel that is not kept
 */
export function selectPackages(
  facts: Iterable<CatalogFact>,
  wish: CatalogWish,
  fail: Fail,
): readonly SelectedPackage[] {
  const groups = byPackage(facts, fail);
  const wished = wish.packages ?? [...groups.keys()].map((name): PackageWish => ({ name }));
  if (wished.length === 0) throw fail('it has no packages');
  const selected = wished.map((each) => {
    const own = groups.get(each.name);
    if (own === undefined) throw fail(`it has no package ${quote(each.name)}`);
    const failPackage: Fail = (fact, cause) => fail(`package ${quote(each.name)}: ${fact}`, cause);
    return selectPackage(own, { wish: each, full: wish.full, fail: failPackage });
  });
  return selected.toSorted((left, right) => compareText(left.name, right.name));
}

function byPackage(facts: Iterable<CatalogFact>, fail: Fail): ReadonlyMap<string, PackageFacts> {
  const groups = new Map<string, PackageFacts>();
  for (const fact of facts) {
    if (fact.schema === 'other' || fact.schema === 'olm.deprecations') continue;
    const group: PackageFacts = groups.get(fact.package) ?? {
      packages: [],
      channels: new Map(),
      bundles: new Map(),
    };
    groups.set(fact.package, group);
    if (fact.schema === 'olm.package') group.packages.push(fact);
    else if (fact.schema === 'olm.channel') addOnce(group.channels, fact, fail);
    else addOnce(group.bundles, fact, fail);
  }
  return groups;
}

function addOnce<T extends ChannelFact | BundleFact>(known: Map<string, T>, fact: T, fail: Fail): void {
  if (known.has(fact.name))
    throw fail(`package ${quote(fact.package)} has ${fact.schema} ${quote(fact.name)} twice`);
  known.set(fact.name, fact);
}

interface Selecting {
  readonly wish: PackageWish;
  readonly full: boolean;
  readonly fail: Fail;
}

function selectPackage({ packages, channels, bundles }: PackageFacts, selecting: Selecting): SelectedPackage {
  const { wish, fail } = selecting;
  if (packages.length !== 1)
    throw fail(packages.length === 0 ? 'it has no olm.package' : `it has ${packages.length} olm.package`);
  const kept = new Map<string, ReadonlySet<string>>();
  const emptied: string[] = [];
  for (const channel of wishedChannels(channels, wish, fail)) {
    const failChannel: Fail = (fact, cause) => fail(`channel ${quote(channel.name)}: ${fact}`, cause);
    const names = selectEntries(channel, bundles, { ...rulesOf(channel.name, selecting), fail: failChannel });
    if (names.size > 0) kept.set(channel.name, names);
    else emptied.push(channel.name);
  }
  const defaultChannel = wish.defaultChannel ?? packages[0]?.defaultChannel;
  if (defaultChannel !== undefined && !kept.has(defaultChannel))
    throw fail(
      lostDefault(defaultChannel, { emptied, channels, isWished: wish.defaultChannel !== undefined }),
    );
  const all = new Set([...kept.values()].flatMap((names) => [...names]));
  return {
    name: wish.name,
    defaultChannel,
    channels: kept,
    bundles: new Map(
      [...all].sort(compareText).map((name) => {
        const bundle = bundles.get(name);
        if (bundle === undefined) throw fail(`a channel has ${quote(name)}, and there is no such bundle`);
        return [name, bundle];
      }),
    ),
  };
}

function wishedChannels(
  channels: ReadonlyMap<string, ChannelFact>,
  { channels: wished }: PackageWish,
  fail: Fail,
): readonly ChannelFact[] {
  if (wished === undefined) return [...channels.values()];
  return wished.map(({ name }) => {
    const channel = channels.get(name);
    if (channel !== undefined) return channel;
    throw fail(
      `it has no channel ${quote(name)}; it has ${[...channels.keys()].sort(compareText).join(', ') || 'none'}`,
    );
  });
}

/** A range of the package applies to each of its channels. */
function rulesOf(
  channel: string,
  { wish, full }: Selecting,
): { readonly range: VersionRange; readonly full: boolean } {
  const own = wish.channels?.find(({ name }) => name === channel);
  return { range: own !== undefined && isBounded(own) ? own : wish, full };
}

function selectEntries(
  { entries }: ChannelFact,
  bundles: ReadonlyMap<string, BundleFact>,
  { range, full, fail }: { readonly range: VersionRange; readonly full: boolean; readonly fail: Fail },
): ReadonlySet<string> {
  const names = new Set(entries.map(({ name }) => name));
  if (full) return names;
  const graph = upgradeGraphOf(entries, fail);
  if (!isBounded(range)) return new Set([graph.head]);
  const isWanted = (name: string): boolean => {
    const bundle = names.has(name) ? bundles.get(name) : undefined;
    if (bundle === undefined) return false;
    const { version } = bundle;
    if (version === undefined || semver.valid(version) === null)
      throw fail(
        `bundle ${quote(name)} has ${version === undefined ? 'no version' : `the version ${quote(version)}`}`,
      );
    return isInRange(version, range);
  };
  return new Set(pieceOf(graph, isWanted).filter((name) => names.has(name)));
}

function lostDefault(
  channel: string,
  about: {
    readonly emptied: readonly string[];
    readonly channels: ReadonlyMap<string, ChannelFact>;
    readonly isWished: boolean;
  },
): string {
  if (about.emptied.includes(channel))
    return `its default channel ${quote(channel)} has no version in the range`;
  if (!about.channels.has(channel)) return `its default channel ${quote(channel)} does not exist`;
  return about.isWished
    ? `its "defaultChannel" ${quote(channel)} is not among its "channels"`
    : `its default channel ${quote(channel)} is not among its "channels"; name another one with "defaultChannel"`;
}
