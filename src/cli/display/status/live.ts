import { renderFinding } from '../finding.ts';
import { printable } from '../printable.ts';
import { fittingLine, underWayLine } from './line.ts';
import type { Status, StatusOptions } from './status.ts';
import { shortened, widthOf } from './width.ts';
import { Work } from './work.ts';

/** Nobody would see text that changes faster (milliseconds). */
const SHORTEST = 100;
const TICK = 250;
/** A command that takes less time shows nothing (milliseconds). */
const FIRST = 200;
const SPINNER = ['-', '\\', '|', '/'];
/** Lines below the first: what is waited for, and what is under way. */
const MOST_WAITS = 2;
const MOST_UNDER_WAY = 3;
/** A terminal lower than this (lines) gets one line. */
const LOW = 10;

/**
 * Returns a status that stays at the foot of a terminal, redrawn in place, while findings scroll away above it. The cursor is
 * never hidden, so that nothing has to be put right after a kill.
 */
export function liveStatus({ stream, style, verbose, clock }: StatusOptions): Status {
  const work = new Work();
  const begun = clock.now();
  let frame = 0;
  let shownAt = Number.NEGATIVE_INFINITY;
  let shown: readonly string[] = [];
  const columns = (): number => stream.columns ?? 80;
  const erase = (): string => {
    const rows = shown.reduce((sum, line) => sum + rowsOf(line, columns()), 0);
    shown = [];
    return rows === 0 ? '' : `\r${rows > 1 ? `\u001B[${rows - 1}A` : ''}\u001B[J`;
  };
  const draw = (): string => {
    const at = clock.now();
    const facts = work.facts(at);
    if (facts === undefined) return '';
    shownAt = at;
    frame += 1;
    // The last column stays free: some terminals wrap once it is filled.
    const room = columns() - 1;
    const { waits, underWay } = facts;
    const below = (stream.rows ?? 24) < LOW ? [] : underWay;
    shown = [
      `${SPINNER[frame % SPINNER.length]} ${fittingLine(facts, room - 2)}`,
      ...waits.slice(0, MOST_WAITS).map((wait) => shortened(`  ${printable(wait)}`, room)),
      ...below.slice(0, MOST_UNDER_WAY).map((one) => underWayLine(one, room)),
      ...(below.length > MOST_UNDER_WAY ? [`  and ${below.length - MOST_UNDER_WAY} more`] : []),
    ];
    return shown.join('\n');
  };
  const show = (): void => {
    if (clock.now() - begun >= FIRST) stream.write(erase() + draw());
  };
  /** Writes lines above the status. */
  const above = (text: string): void => {
    const wasShown = shown.length > 0;
    stream.write(`${erase()}${text}\n${wasShown ? draw() : ''}`);
  };
  const ticks = clock.every(TICK, show);
  return {
    stage: (stage, subject) => {
      work.stage(stage, subject, clock.now());
      show();
    },
    advance: (advance) => {
      const at = clock.now();
      const isNew = work.advance(advance, at);
      if (isNew || at - shownAt >= SHORTEST) show();
    },
    network: (notice) => {
      if (work.network(notice, clock.now())) show();
    },
    finding: (finding) => {
      if (finding.level !== 'ok' || verbose) above(renderFinding(finding, style));
    },
    note: (text) => above(printable(text)),
    [Symbol.dispose]: () => {
      ticks[Symbol.dispose]();
      stream.write(erase());
    },
  };
}

/** Returns how many rows a line fills, also on a terminal that has become narrower since it was drawn. */
function rowsOf(line: string, columns: number): number {
  return Math.max(1, Math.ceil(widthOf(line) / Math.max(1, columns)));
}
