import { formatBytes, formatCount, formatDuration } from '../../internal/format.ts';
import type { BuildResult, DryRun } from '../../verbs/build.ts';
import type { LeftOut } from '../../steps/chosen-plan.ts';
import { describeLock } from './lock.ts';
import { printable } from './printable.ts';
import type { Style } from './style.ts';
import { formatTable } from './table.ts';

/** Returns the result of a build for people; its last line is the root digest. */
export function renderBuild(result: BuildResult, style: Style): string {
  if (result.dryRun !== undefined) return renderPlan(result, result.dryRun, style);
  const { path, bytes, items, blobs, fetchedBytes, reusedBytes, leftOut, lock, signer, seconds, warnings } =
    result;
  const lines = [
    `${style('good', 'Built')} ${printable(path)}`,
    formatTable(
      [
        ['holds', `${formatCount(items, 'item')} in ${formatCount(blobs, 'blob')}, ${formatBytes(bytes)}`],
        ['fetched', `${formatBytes(fetchedBytes)} in ${formatDuration(seconds)}`],
        ...(reusedBytes === 0 ? [] : [['reused', formatBytes(reusedBytes)]]),
        ...(leftOut === undefined ? [] : [['left out', describeLeftOut(leftOut)]]),
        ...(lock === undefined ? [] : [['locked', describeLock(lock)]]),
        ...(signer === undefined ? [] : [['signed by', signer]]),
        ...(warnings.length === 0 ? [] : [['warnings', String(warnings.length)]]),
      ],
      { indent: '  ' },
    ),
    `root ${style('strong', result.root)}`,
  ];
  return lines.join('\n');
}

function describeLeftOut({ name, blobs, bytes }: LeftOut): string {
  return `${formatCount(blobs, 'blob')}, ${formatBytes(bytes)}, which ${printable(name)} brought`;
}

function renderPlan(result: BuildResult, plan: DryRun, style: Style): string {
  const { path, bytes, items, blobs } = result;
  const { needed, free } = plan.space;
  const verdict = free >= needed ? '' : ` ${style('error', '(too little)')}`;
  const room = Number.isFinite(free) ? formatBytes(free) : 'not known';
  return [
    `${style('strong', 'Would build')} ${printable(path)}`,
    formatTable(
      plan.items.map((item) => [item.kind, printable(item.name)]),
      { indent: '  ' },
    ),
    formatTable(
      [
        ['holds', `${formatCount(items, 'item')} in ${formatCount(blobs, 'blob')}, ${formatBytes(bytes)}`],
        ['to fetch', formatBytes(plan.fetchBytes)],
        ['space needed', formatBytes(needed)],
        ['space free', `${room}${verdict}`],
      ],
      { indent: '  ' },
    ),
    `root ${style('strong', result.root)}`,
  ].join('\n');
}
