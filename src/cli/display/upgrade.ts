import type { Upgrade, UpgradeOrderStep } from '../../verbs/install.ts';
import { printable } from './printable.ts';
import { formatTable } from './table.ts';

/** Returns rows for a table: the releases that each product passes through, and one order of all of them. */
export function upgradeRows(upgrade: Upgrade | undefined): readonly (readonly string[])[] {
  if (upgrade === undefined) return [];
  const { paths, order } = upgrade;
  const rows = paths.map(({ product, from, releases }) =>
    [`${product} ${from === undefined ? '' : `${from} -> `}${releases.join(' -> ')}`].map(printable),
  );
  const whole = paths.length === 1 ? [] : [[`in order: ${order.map(nameOf).join(', ')}`]];
  return [...rows, ...whole].map((row, index) => [index === 0 ? 'upgrade' : '', ...row]);
}

/** Returns the steps of an upgrade as text, each with its command. */
export function formatUpgradeSteps(
  { order }: Upgrade,
  commandFor: (step: UpgradeOrderStep) => string,
): string {
  const rows = order.map((step, index) => [String(index + 1), nameOf(step), printable(commandFor(step))]);
  return ['an upgrade goes step by step:', formatTable(rows, { indent: '  ', right: [0] })].join('\n');
}

function nameOf({ product, release }: UpgradeOrderStep): string {
  return printable(`${product} ${release}`);
}
