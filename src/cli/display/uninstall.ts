import type { UninstallResult } from '../../verbs/uninstall.ts';
import { renderFinding } from './finding.ts';
import { printable } from './printable.ts';
import type { Style } from './style.ts';
import { formatTable } from './table.ts';

/** Returns the result of an uninstall for people: what became of things at each target, and what stays and why. */
export function renderUninstall(
  { actions, findings, receipt }: UninstallResult,
  { dryRun, style }: { readonly dryRun: boolean; readonly style: Style },
): string {
  const isAny = actions.some(({ outcome }) => outcome === 'removed');
  const headline = isAny ? (dryRun ? 'Would uninstall' : 'Uninstalled') : 'Nothing to take back';
  const lines = [style('strong', headline), summaryOf(actions)];
  if (dryRun && isAny) lines.push(detailsOf(actions));
  lines.push(...findings.map((finding) => renderFinding(finding, style)));
  if (!dryRun) lines.push(`removed receipt ${printable(receipt)}`);
  return lines.filter((line) => line !== '').join('\n');
}

function summaryOf(actions: UninstallResult['actions']): string {
  const rows = [...Map.groupBy(actions, ({ target }) => target)].map(([target, own]) => {
    const outcomes = [...Map.groupBy(own, ({ outcome }) => outcome)];
    return [target, outcomes.map(([outcome, those]) => `${those.length} ${outcome}`).join(', ')];
  });
  return formatTable(rows, { indent: '  ' });
}

function detailsOf(actions: UninstallResult['actions']): string {
  const going = actions.filter(({ outcome }) => outcome === 'removed');
  return formatTable(
    going.map(({ kind, name, destination }) => [kind, printable(name), printable(destination)]),
    { indent: '  ' },
  );
}
