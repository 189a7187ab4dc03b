import { describeAdvance } from './describe-advance.ts';
import { renderFinding } from './finding.ts';
import { printable } from './printable.ts';
import { Rate } from './rate.ts';
import type { Advance, Status, StatusOptions } from './status.ts';

/**
 * Prints a line for each tenth of the work, but at most one a second and at least one every ten seconds. Work that takes less
 * than a second prints none.
 */
const STEPS = 10;
const SHORTEST = 1000;
const LONGEST = 10_000;

/** Returns a status that prints plain lines, for logs. */
export function plainStatus(options: StatusOptions): Status {
  const { stream, now = () => performance.now() } = options;
  let rate = new Rate();
  let stage: string | undefined;
  let last = { at: 0, part: 0 };
  const say = (text: string): void => {
    stream.write(`${text}\n`);
  };
  return {
    stage: (text) => say(printable(text)),
    advance: (advance) => {
      const at = now();
      if (advance.stage !== stage) {
        stage = advance.stage;
        rate = new Rate();
        last = { at, part: partOf(advance) };
      }
      rate.add(at, advance.movedBytes ?? advance.bytes);
      const part = partOf(advance);
      const quietFor = at - last.at;
      if (quietFor < SHORTEST || (part === last.part && quietFor < LONGEST)) return;
      last = { at, part };
      say(describeAdvance(advance, rate.perSecond()));
    },
    finding: (finding) => {
      if (finding.level !== 'ok' || options.verbose) say(renderFinding(finding, options.style));
    },
    [Symbol.dispose]: () => {},
  };
}

/** Returns how many of the steps are done. */
function partOf({ bytes, totalBytes }: Advance): number {
  return totalBytes === 0 ? STEPS : Math.floor((bytes * STEPS) / totalBytes);
}
