import { renderFinding } from '../finding.ts';
import { printable } from '../printable.ts';
import { describeFacts } from './line.ts';
import { stageInWords } from './stage.ts';
import type { Advance, Status, StatusOptions } from './status.ts';
import { Work } from './work.ts';

/**
 * Prints a line for each tenth of the work, but at most one a second; and one every ten seconds, whatever happens. Work that
 * takes less than a second prints none.
 */
const STEPS = 10;
const SHORTEST = 1000;
const LONGEST = 10_000;

/** Returns a status that prints plain lines, for logs. */
export function plainStatus({ stream, style, verbose, clock }: StatusOptions): Status {
  const work = new Work();
  let last = { at: clock.now(), part: 0 };
  const say = (text: string): void => {
    last = { at: clock.now(), part: last.part };
    stream.write(`${printable(text)}\n`);
  };
  const sayFacts = (): void => {
    const facts = work.facts(clock.now());
    if (facts !== undefined) say(describeFacts(facts));
  };
  const ticks = clock.every(SHORTEST, () => {
    if (clock.now() - last.at >= LONGEST) sayFacts();
  });
  return {
    stage: (stage, subject, { brief = false } = {}) => {
      work.stage(stage, subject, clock.now());
      if (!brief) say(stageInWords(stage, subject));
    },
    advance: (advance) => {
      const at = clock.now();
      const part = partOf(advance);
      if (work.advance(advance, at)) last = { at, part };
      const quietFor = at - last.at;
      if (quietFor < SHORTEST || (part === last.part && quietFor < LONGEST)) return;
      last = { at, part };
      sayFacts();
    },
    network: (notice) => {
      // What passes at once is no news.
      if (work.network(notice, clock.now()) && notice.type === 'silence') sayFacts();
    },
    finding: (finding) => {
      if (finding.level === 'ok' && !verbose) return;
      stream.write(`${renderFinding(finding, style)}\n`);
    },
    note: (text) => say(text),
    [Symbol.dispose]: () => ticks[Symbol.dispose](),
  };
}

/** Returns how many of the steps are done. */
function partOf({ bytes = 0, totalBytes, count }: Advance): number {
  const [done, total] =
    totalBytes === undefined ? [count?.done ?? 0, count?.total ?? 0] : [bytes, totalBytes];
  return total === 0 ? STEPS : Math.floor((done * STEPS) / total);
}
