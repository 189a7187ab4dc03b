import ora from 'ora';
import { describeAdvance } from './describe-advance.ts';
import { renderFinding } from './finding.ts';
import { printable } from './printable.ts';
import { Rate } from './rate.ts';
import type { Status, StatusOptions } from './status.ts';

/** The spinner redraws every 80 ms; nobody would see text that changes faster. */
const SHORTEST = 100;

/** Returns a status that stays on one terminal line while findings scroll away above it. */
export function liveStatus(options: StatusOptions): Status {
  const { stream, style, now = () => performance.now() } = options;
  // Ctrl-C must remain a signal: with `discardStdin`, the spinner would take over the keyboard.
  const spinner = ora({
    stream,
    isEnabled: true,
    discardStdin: false,
    color: options.coloured ? 'cyan' : false,
  });
  let rate = new Rate();
  let stage: string | undefined;
  let shownAt = Number.NEGATIVE_INFINITY;
  const show = (text: string): void => {
    spinner.text = fit(text, stream.columns);
    if (!spinner.isSpinning) spinner.start();
  };
  return {
    stage: (text) => show(printable(text)),
    advance: (advance) => {
      const at = now();
      const isNew = advance.stage !== stage;
      if (isNew) rate = new Rate();
      stage = advance.stage;
      rate.add(at, advance.movedBytes ?? advance.bytes);
      if (!isNew && at - shownAt < SHORTEST && advance.bytes < advance.totalBytes) return;
      shownAt = at;
      show(describeAdvance(advance, rate.perSecond()));
    },
    finding: (finding) => {
      if (finding.level === 'ok' && !options.verbose) return;
      const wasSpinning = spinner.isSpinning;
      spinner.stop();
      stream.write(`${renderFinding(finding, style)}\n`);
      if (wasSpinning) spinner.start();
    },
    [Symbol.dispose]: () => {
      spinner.stop();
    },
  };
}

/** Keeps the text on one line: each redraw of a wrapped text would leave its upper lines behind. */
function fit(text: string, columns = 80): string {
  const room = columns - 3;
  return text.length > room ? `${text.slice(0, Math.max(0, room - 1))}…` : text;
}
