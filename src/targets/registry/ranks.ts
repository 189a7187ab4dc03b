import type { Rows } from '../../internal/table/rows.ts';
import type { Digest } from '../../oci/digest.ts';

/** The manifests pushed for an image and the subjects they refer to, by digest. */
export interface Speaker {
  readonly manifests: Rows<Digest>;
  readonly subjects: readonly Digest[];
}

/**
 * Returns for each speaker how many steps come before it, so that it is pushed after all its subjects; 0 when none of
 * those is pushed. A bundle may claim circular subjects; then no order is better than another.
 */
export function ranksOf(speakers: readonly Speaker[]): readonly number[] {
  if (speakers.every(({ subjects }) => subjects.length === 0)) return speakers.map(() => 0);
  const holders = new Map<Digest, number[]>();
  for (const [place, { manifests }] of speakers.entries())
    for (const digest of manifests) listed(holders, digest).push(place);
  const followers = new Map<number, number[]>();
  const waiting = speakers.map(({ subjects }, place) => {
    const before = new Set(subjects.flatMap((digest) => holders.get(digest) ?? []));
    before.delete(place);
    for (const other of before) listed(followers, other).push(place);
    return before.size;
  });
  const ranks = speakers.map(() => 0);
  const ready = waiting.flatMap((count, place) => (count === 0 ? [place] : []));
  // The list grows during the loop.
  for (const place of ready) {
    for (const follower of followers.get(place) ?? []) {
      ranks[follower] = Math.max(ranks[follower] ?? 0, (ranks[place] ?? 0) + 1);
      waiting[follower] = (waiting[follower] ?? 0) - 1;
      if (waiting[follower] === 0) ready.push(follower);
    }
  }
  return ranks;
}

function listed<K>(lists: Map<K, number[]>, key: K): number[] {
  const list = lists.get(key) ?? [];
  lists.set(key, list);
  return list;
}
