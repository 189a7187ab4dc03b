import { formatBytes } from '../../internal/format.ts';
import type { InstallAction, InstallResult } from '../../verbs/install.ts';
import { renderFinding } from './finding.ts';
import { printable } from './printable.ts';
import { signatureLines } from './signature.ts';
import type { Style } from './style.ts';
import { formatTable } from './table.ts';

/** Returns the result of an install for people: what happened at each target, what was proven there, the root digest. */
export function renderInstall(
  result: InstallResult,
  options: { readonly dryRun: boolean; readonly style: Style },
): string {
  const { dryRun, style } = options;
  const { actions, findings, receipt, root } = result;
  const changes = actions.filter((action) => action.state !== 'present');
  const lines = [style('strong', headline(changes.length, dryRun)), summaryOf(actions)];
  if (dryRun && changes.length > 0) lines.push(detailsOf(changes), ...spaceOf(result, style));
  lines.push(...findings.map((finding) => renderFinding(finding, style)));
  if (receipt !== undefined) lines.push(`receipt ${printable(receipt)}`);
  lines.push(...signatureLines(result, { style }), `root ${style('strong', root)}`);
  return lines.filter((line) => line !== '').join('\n');
}

function headline(changes: number, dryRun: boolean): string {
  if (changes === 0)
    return dryRun ? 'Would change nothing: everything is there' : 'Nothing to do: everything is there';
  return dryRun ? 'Would install' : 'Installed';
}

/** One line a target: what became of its actions, and how many bytes went there. */
function summaryOf(actions: readonly InstallAction[]): string {
  const targets = Map.groupBy(actions, (action) => action.target);
  const rows = [...targets].map(([target, own]) => {
    const outcomes = Map.groupBy(own, (action) => action.outcome);
    const counts = [...outcomes].map(([outcome, those]) => `${those.length} ${outcome}`);
    const bytes = own.reduce((sum, action) => sum + action.bytes, 0);
    return [target, counts.join(', '), formatBytes(bytes)];
  });
  return formatTable(rows, { indent: '  ', right: [2] });
}

function detailsOf(actions: readonly InstallAction[]): string {
  return formatTable(
    actions.map(({ kind, name, destination, bytes }) => [
      kind,
      printable(name),
      formatBytes(bytes),
      `-> ${printable(destination)}`,
    ]),
    { indent: '  ', right: [2] },
  );
}

function spaceOf({ space }: InstallResult, style: Style): string[] {
  return space.map(({ place, needed, available }) => {
    const room = Number.isFinite(available) ? formatBytes(available) : 'not known';
    const verdict = available >= needed ? '' : ` ${style('error', '(too little)')}`;
    return `space at ${printable(place)}: ${formatBytes(needed)} needed, ${room} free${verdict}`;
  });
}
