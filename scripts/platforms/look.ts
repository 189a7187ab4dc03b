import { spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A line that a user types, and what must come of it. */
export interface Line {
  readonly what: string;
  readonly argv: readonly string[];
  readonly status: number;
  /** What is said, on either stream. */
  readonly says: RegExp;
  /** The folder it is typed in. */
  readonly in: string;
}

/** How a launcher is started: the command and what stands before the arguments. */
export interface Shell {
  readonly command: string;
  readonly before: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** Runs a line, prints what came of it, and returns how many faults that is. */
export function look({ what, argv, status, says, in: cwd }: Line, { command, before, env }: Shell): number {
  const began = performance.now();
  // Node.js under wine writes to files, and not to the sockets that a parent of Node.js hands it.
  const folder = mkdtempSync(join(tmpdir(), 'saddlebag-look-'));
  const file = join(folder, 'said');
  const said = openSync(file, 'a');
  const found = spawnSync(command, [...before, ...argv], {
    cwd,
    env,
    stdio: ['ignore', said, said],
    timeout: 300_000,
  });
  closeSync(said);
  const text = readFileSync(file, 'utf8').replaceAll('\r', '');
  rmSync(folder, { recursive: true });
  const isRight = found.status === status && says.test(text);
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  console.log(`  ${isRight ? 'ok ' : 'BAD'} ${what}: status ${found.status}, ${seconds} s`);
  if (!isRight)
    console.log(
      `expected status ${status} and ${says}\n${text.slice(0, 2000)}\n${String(found.error ?? '')}`,
    );
  return isRight ? 0 : 1;
}
