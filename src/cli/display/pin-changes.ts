import type { LockResult } from '../../verbs/lock.ts';

/** Returns a summary of the changes in a lock: `2 added, 1 changed`. */
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
