import { liveStatus } from './live-status.ts';
import { plainStatus } from './plain-status.ts';
import type { Status, StatusOptions } from './status.ts';

/** Returns the status voice: live on a terminal, lines elsewhere, nearly silent when asked to be quiet. */
export function createStatus(options: StatusOptions): Status {
  if (options.quiet) return quietStatus(options);
  return options.live ? liveStatus(options) : plainStatus(options);
}

function quietStatus(options: StatusOptions): Status {
  const plain = plainStatus(options);
  return {
    stage: () => {},
    advance: () => {},
    finding: (finding) => plain.finding(finding),
    [Symbol.dispose]: () => {},
  };
}
