import { compareText } from '../../../internal/order.ts';
import { quote } from '../../../internal/quote.ts';
import type { Fail } from './fail.ts';
import type { ChannelEntry } from './facts.ts';

/** The upgrade graph of a valid channel: it has one head and no cycles. */
export interface UpgradeGraph {
  /** The newest bundle: none replaces or skips it. */
  readonly head: string;
  /** From the head down, each replaced by the one before. The last may be a name that is not an entry of the channel. */
  readonly chain: readonly ChannelEntry[];
}

/**
 * Returns the upgrade graph of a channel, checked as the operator lifecycle manager does (operator-registry,
 * `alpha/model/model.go`).
 *
 * @throws what `fail` returns: for duplicates, no head or several, and cycles
 */
export function upgradeGraphOf(entries: readonly ChannelEntry[], fail: Fail): UpgradeGraph {
  if (entries.length === 0) throw fail('it has no entries');
  const byName = new Map<string, ChannelEntry>();
  const olderThan = (entry: ChannelEntry): readonly string[] => [
    ...new Set(entry.replaces === undefined ? entry.skips : [entry.replaces, ...entry.skips]),
  ];
  const newer = new Map<string, number>();
  for (const entry of entries) {
    if (byName.has(entry.name)) throw fail(`it has ${quote(entry.name)} twice`);
    byName.set(entry.name, entry);
    for (const older of olderThan(entry)) {
      if (older === entry.name) throw fail(`${quote(entry.name)} replaces or skips itself`);
      newer.set(older, (newer.get(older) ?? 0) + 1);
    }
  }
  const heads = entries.filter(({ name }) => !newer.has(name)).map(({ name }) => name);
  const [head, ...others] = heads;
  if (head === undefined) throw fail('it has no head: each of its bundles is replaced or skipped by another');
  if (others.length > 0)
    throw fail(`it has ${heads.length} heads: ${heads.toSorted(compareText).map(quote).join(', ')}`);
  // From the head down, an entry is done when all that replace or skip it are. Entries of a cycle never are.
  const open = [head];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    const entry = byName.get(name);
    for (const older of entry === undefined ? [] : olderThan(entry)) {
      const left = (newer.get(older) ?? 0) - 1;
      if (left > 0) newer.set(older, left);
      else if (newer.delete(older)) open.push(older);
    }
  }
  if (newer.size > 0) throw fail('its bundles replace or skip one another in a circle');
  return { head, chain: chainOf(head, byName) };
}

function chainOf(head: string, byName: ReadonlyMap<string, ChannelEntry>): readonly ChannelEntry[] {
  const chain: ChannelEntry[] = [];
  for (let name: string | undefined = head; name !== undefined;) {
    const entry: ChannelEntry = byName.get(name) ?? { name, skips: [] };
    chain.push(entry);
    name = entry.replaces;
  }
  return chain;
}

/**
 * Returns the shortest piece of a chain with all bundles in a range, and the bundles in the range that these skip. Bundles in between are
 * kept, because upgrades pass through them (sherine-k/catalog-filter, `channel.go`).
 */
export function pieceOf({ chain }: UpgradeGraph, isWanted: (bundle: string) => boolean): readonly string[] {
  const seen = new Set<string>();
  const counts = new Map<ChannelEntry, number>();
  let count = 0;
  for (const entry of chain.toReversed()) {
    for (const name of [entry.name, ...entry.skips]) {
      if (seen.has(name) || !isWanted(name)) continue;
      seen.add(name);
      count += 1;
    }
    counts.set(entry, count);
  }
  if (count === 0) return [];
  // The piece begins at the lowest entry with the full count, and ends before the first with none.
  const start = chain.findLastIndex((entry) => counts.get(entry) === count);
  const tail = chain.findIndex((entry) => counts.get(entry) === 0);
  const kept = chain.slice(start, tail === -1 ? undefined : tail);
  return [...new Set(kept.flatMap(({ name, skips }) => [name, ...skips.filter(isWanted)]))];
}
