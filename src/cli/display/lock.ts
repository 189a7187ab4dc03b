import { formatCount } from '../../internal/format.ts';
import type { LockResult } from '../../verbs/lock.ts';
import { printable } from './printable.ts';
import type { Style } from './style.ts';
import { formatTable } from './table.ts';

type PinChanges = Pick<LockResult, 'path' | 'added' | 'removed' | 'changed'>;

/** Returns what was locked for people. */
export function renderLock(result: LockResult, style: Style): string {
  const { path, items, references, urls, warnings } = result;
  return [
    `${style('good', 'Locked')} ${printable(path)}`,
    formatTable(
      [
        [
          'holds',
          `${formatCount(items, 'item')}: ${formatCount(references, 'reference')}, ${formatCount(urls, 'URL')}`,
        ],
        ['pins', changesOf(result)],
        ...(warnings.length === 0 ? [] : [['warnings', String(warnings.length)]]),
      ],
      { indent: '  ' },
    ),
  ].join('\n');
}

/** Returns a lock and what is new in it, in a line. */
export function describeLock(changes: PinChanges): string {
  return `${printable(changes.path)}: ${changesOf(changes)}`;
}

function changesOf({ added, removed, changed }: PinChanges): string {
  const parts = [
    ...(added === 0 ? [] : [`${added} added`]),
    ...(removed === 0 ? [] : [`${removed} removed`]),
    ...(changed === 0 ? [] : [`${changed} changed`]),
  ];
  return parts.length === 0 ? 'unchanged' : parts.join(', ');
}
