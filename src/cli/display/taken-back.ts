import type { UninstallResult } from '../../verbs/uninstall.ts';
import { printable } from './printable.ts';
import { formatTable } from './table.ts';

/** Returns what was taken back at each target as text; of a dry run, with everything that would go. */
export function renderTakenBack(
  actions: UninstallResult['actions'],
  { dryRun }: { readonly dryRun: boolean },
): string {
  const rows = [...Map.groupBy(actions, ({ target }) => target)].map(([target, own]) => {
    const outcomes = [...Map.groupBy(own, ({ outcome }) => outcome)];
    return [target, outcomes.map(([outcome, those]) => `${those.length} ${outcome}`).join(', ')];
  });
  const going = dryRun ? actions.filter(({ outcome }) => outcome === 'removed') : [];
  const details = going.map(({ kind, name, destination }) => [kind, printable(name), printable(destination)]);
  return [rows, details]
    .filter((table) => table.length > 0)
    .map((table) => formatTable(table, { indent: '  ' }))
    .join('\n');
}
