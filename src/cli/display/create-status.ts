import { plainStatus } from './plain-status.ts';
import type { Status, StatusOptions } from './status.ts';

/** Returns the status: live on a terminal, plain lines elsewhere, nearly silent with `--quiet`. */
export async function createStatus(options: StatusOptions): Promise<Status> {
  if (options.quiet) return quietStatus(options);
  if (!options.live) return plainStatus(options);
  // Load the spinner only where somebody can see it.
  const { liveStatus } = await import('./live-status.ts');
  return liveStatus(options);
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
