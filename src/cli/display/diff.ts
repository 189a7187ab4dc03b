import type { ItemChange } from '../../bundle/diff.ts';
import type { DiffResult } from '../../verbs/diff.ts';
import { formatBytes, formatCount } from '../../internal/format.ts';
import { printable } from './printable.ts';
import type { Style } from './style.ts';
import { formatTable } from './table.ts';

const SIGN: Readonly<Record<ItemChange['change'], string>> = { added: '+', removed: '-', changed: '~' };

/** Returns what sets two bundles apart for people: an item a line, then how much content. */
export function renderDiff(result: DiffResult, style: Style): string {
  const { items, unchanged, added, removed, kept } = result;
  const counts = (['added', 'changed', 'removed'] as const).map(
    (change) => `${items.filter((item) => item.change === change).length} ${change}`,
  );
  const rows = items.map(({ change, kind, name }) => [SIGN[change], kind, printable(name)]);
  return [
    style('strong', `${printable(result.old.path)} -> ${printable(result.new.path)}`),
    ...(rows.length === 0 ? [] : [formatTable(rows, { indent: '  ' })]),
    `items: ${counts.join(', ')}, ${unchanged} unchanged`,
    formatTable(
      [
        ['only in the new one', formatCount(added.blobs, 'blob'), formatBytes(added.bytes)],
        ['only in the old one', formatCount(removed.blobs, 'blob'), formatBytes(removed.bytes)],
        ['in both', formatCount(kept.blobs, 'blob'), formatBytes(kept.bytes)],
      ],
      { indent: '  ', right: [1, 2] },
    ),
  ].join('\n');
}
