import type { LockResult } from '../../verbs/lock.ts';

/** Returns what is new in a lock, in a few words: `2 added, 1 changed`. */
export function formatPinChanges({
  added,
  removed,
  changed,
}: Pick<LockResult, 'added' | 'removed' | 'changed'>): string {
  const parts = [
    ...(added === 0 ? [] : [`${added} added`]),
    ...(removed === 0 ? [] : [`${removed} removed`]),
    ...(changed === 0 ? [] : [`${changed} changed`]),
  ];
  return parts.length === 0 ? 'unchanged' : parts.join(', ');
}
