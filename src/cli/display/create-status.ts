import { plainStatus } from './plain-status.ts';
import type { Status, StatusOptions } from './status.ts';

/** Returns the status voice: live on a terminal, lines elsewhere, nearly silent when asked to be quiet. */
export async function createStatus(options: StatusOptions): Promise<Status> {
  if (options.quiet) return quietStatus(options);
  if (!options.live) return plainStatus(options);
  // The spinner is loaded where somebody sees it.
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
