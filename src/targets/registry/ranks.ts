import type { Digest } from '../../oci/digest.ts';

/** What is pushed for an image, and what it speaks of, by the digests of manifests. */
export interface Speaker {
  readonly manifests: readonly Digest[];
  readonly subjects: readonly Digest[];
}

/**
 * Returns for each speaker how many steps come before it, so that it is pushed after all that it speaks of: 0 where nothing of
 * that is pushed. A bundle may claim that things speak of each other in a circle; then no order is better than another.
 */
export function ranksOf(speakers: readonly Speaker[]): readonly number[] {
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
  // Grows while it is walked.
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
