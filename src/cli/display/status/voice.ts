import { isLive, type OutputStream } from '../style.ts';

/** How progress is told: in place on a terminal, in lines, in JSON for programs, or not at all. */
export type Voice = 'live' | 'plain' | 'json' | 'none';

/** The values of `--progress`. */
export const PROGRESS_CHOICES: readonly string[] = ['auto', 'live', 'plain', 'json', 'none'];

/** Returns the voice for a value of `--progress`; left to itself, live on a terminal and plain elsewhere. */
export function voiceOf(
  choice: string | undefined,
  stream: OutputStream,
  env: Readonly<Record<string, string | undefined>>,
): Voice {
  if (choice === 'live' || choice === 'plain' || choice === 'json' || choice === 'none') return choice;
  return isLive(stream, env) ? 'live' : 'plain';
}
