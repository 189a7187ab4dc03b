import { formatBytes, formatCount, formatDuration } from '../../../internal/format.ts';
import { printable } from '../printable.ts';
import { stageInWords } from './stage.ts';
import type { Advance, UnderWay } from './status.ts';
import { shortened, widthOf } from './width.ts';
import type { Facts } from './work.ts';

/** Columns of the bar. */
const BAR = 10;

/**
 * Returns the progress of a stage in one line, the most important first:
 * `Fetching 30 %, 85.3 MiB/s, 33 s left, 1.2 GiB of 4.0 GiB, 12 of 40 blobs`.
 */
export function describeFacts(facts: Facts): string {
  const { advance, waits } = facts;
  const title = titleOf(facts);
  if (advance === undefined) return joined([`${title}, ${formatDuration(facts.seconds)} so far`, ...waits]);
  const [first, ...others] = partsOf(facts, advance);
  return joined([
    first === undefined ? title : `${title} ${first.text}`,
    ...others.map(({ text }) => text),
    ...waits,
  ]);
}

/**
 * Returns the same for a terminal of so many columns, with a bar. What has no room is left out, and what matters most is never
 * cut: how far it is, how fast, and how long it takes.
 */
export function fittingLine(facts: Facts, columns: number): string {
  const { advance } = facts;
  const title = titleOf(facts);
  if (advance === undefined) {
    const time = `, ${formatDuration(facts.seconds)}`;
    return `${shortened(title, columns - time.length)}${time}`;
  }
  const parts = partsOf(facts, advance);
  const texts = parts.map(({ text }) => text);
  const vital = texts.slice(0, parts.filter(({ isVital }) => isVital).length);
  const bar = barOf(advance);
  const head = bar === '' ? title : `${title} ${bar}`;
  const richer = texts.slice(vital.length).map((_, index) => texts.slice(0, texts.length - index));
  const lines = [
    ...[...richer, vital].map((some) => `${head} ${joined(some)}`),
    `${title} ${joined(vital)}`,
    joined(vital),
    vital.join(' '),
  ];
  return lines.find((line) => widthOf(line) <= columns) ?? shortened(lines.at(-1) ?? '', columns);
}

/** Returns one thing under way, for a terminal of so many columns: `  45 % of 512.0 MiB  rancher/rancher:v2.9.2`. */
export function underWayLine({ name, bytes = 0, totalBytes }: UnderWay, columns: number): string {
  const size =
    totalBytes === undefined || totalBytes === 0
      ? ''
      : `${barOf({ bytes, totalBytes })} ${percentOf(bytes, totalBytes).padStart(5)} of ${formatBytes(totalBytes).padEnd(10)} `;
  const head = `  ${widthOf(size) + 12 > columns ? '' : size}`;
  return `${head}${shortened(printable(readable(name)), columns - widthOf(head))}`;
}

/** An address is shown in the letters that it stands for. */
function readable(name: string): string {
  try {
    return decodeURI(name);
  } catch {
    return name;
  }
}

/** Parts that are vital come first. */
interface Part {
  readonly text: string;
  /** Never left out. */
  readonly isVital: boolean;
}

function partsOf(facts: Facts, advance: Advance): readonly Part[] {
  const { bytes = 0, totalBytes, count } = advance;
  const { bytesPerSecond, secondsLeft, waits } = facts;
  const hasBytes = totalBytes !== undefined && totalBytes > 0;
  const parts: Part[] = [];
  const add = (text: string, isVital: boolean): void => void parts.push({ text, isVital });
  const counted = count === undefined ? '' : countInWords(count);
  if (hasBytes) add(percentOf(bytes, totalBytes), true);
  else if (counted !== '') add(counted, true);
  if (bytesPerSecond !== undefined) add(`${formatBytes(Math.round(bytesPerSecond))}/s`, true);
  else if (waits.length > 0) add('waiting', true);
  if (secondsLeft !== undefined) add(`${formatDuration(Math.max(1, secondsLeft))} left`, true);
  if (hasBytes) add(`${formatBytes(bytes)} of ${formatBytes(totalBytes)}`, false);
  else if (bytes > 0) add(formatBytes(bytes), false);
  if (hasBytes && counted !== '') add(counted, false);
  return parts;
}

function countInWords({ unit, done, total }: NonNullable<Advance['count']>): string {
  return `${done} of ${unit === undefined ? total : formatCount(total, unit)}`;
}

function titleOf({ stage, subject, advance }: Facts): string {
  return printable(stageInWords(stage, advance === undefined ? subject : ''));
}

/** Rounded down: only what is complete is 100 %. */
function percentOf(bytes: number, totalBytes: number): string {
  return `${Math.floor((Math.min(bytes, totalBytes) * 100) / totalBytes)} %`;
}

function barOf({ bytes = 0, totalBytes = 0 }: Pick<Advance, 'bytes' | 'totalBytes'>): string {
  if (totalBytes === 0) return '';
  const full = Math.floor((Math.min(bytes, totalBytes) * BAR) / totalBytes);
  return `${'█'.repeat(full)}${'░'.repeat(BAR - full)}`;
}

function joined(parts: readonly string[]): string {
  return parts.join(', ');
}
