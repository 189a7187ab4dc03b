import { renderError } from '../error.ts';
import { renderNext } from './next.ts';
import { plainStatus } from './plain.ts';
import type { Status, StatusOptions, Voiced } from './status.ts';

/** Returns what speaks on stderr: live on a terminal, in plain lines, in JSON, or nearly silent with `--quiet`. */
export async function createStatus(options: StatusOptions): Promise<Voiced> {
  const { stream, style, verbose, quiet, voice } = options;
  // Load what only few see only where somebody sees it.
  if (voice === 'json') return (await import('./json.ts')).jsonStatus(options);
  const isQuiet = quiet || voice === 'none';
  return {
    status: isQuiet ? quietStatus(options) : await spokenStatus(options),
    next: (steps) => {
      if (steps.length > 0 && !isQuiet) stream.write(`${renderNext(steps, style)}\n`);
    },
    error: (error) => void stream.write(renderError(error, { style, verbose })),
    end: () => {},
  };
}

async function spokenStatus(options: StatusOptions): Promise<Status> {
  if (options.voice === 'live') return (await import('./live.ts')).liveStatus(options);
  return plainStatus(options);
}

function quietStatus(options: StatusOptions): Status {
  const plain = plainStatus(options);
  // It would tick.
  plain[Symbol.dispose]();
  return {
    stage: () => {},
    advance: () => {},
    network: () => {},
    finding: (finding) => plain.finding(finding),
    note: (text, { isNeeded = false } = {}) => {
      if (isNeeded) plain.note(text);
    },
    [Symbol.dispose]: () => {},
  };
}
