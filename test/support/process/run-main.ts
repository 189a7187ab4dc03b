import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';

const MAIN = join(import.meta.dirname, '../../../src/main.ts');

/** How a real process of the program ended. */
export interface MainRun {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A real process of the program. */
export interface MainProcess {
  readonly kill: (signal: NodeJS.Signals) => void;
  /** Returns the first group of `pattern` as soon as it is found on stderr; fails when the process ends without it. */
  readonly line: (pattern: RegExp) => Promise<string>;
  readonly ended: Promise<MainRun>;
}

/** Starts the program as a process of its own. */
export function startMain(
  argv: readonly string[],
  options: { readonly env?: Readonly<Record<string, string>>; readonly cwd?: string } = {},
): MainProcess {
  const child = spawn(process.execPath, [MAIN, ...argv], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...options.env },
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
  });
  const { promise, resolve } = Promise.withResolvers<[number | null, NodeJS.Signals | null]>();
  child.once('close', (status, signal) => resolve([status, signal]));
  const ended = Promise.all([promise, text(child.stdout), text(child.stderr)]).then(
    ([[status, signal], stdout, stderr]) => ({ status, signal, stdout, stderr }),
  );
  let told = '';
  child.stderr.on('data', (chunk: Buffer) => (told += chunk.toString()));
  const line = async (pattern: RegExp): Promise<string> => {
    for (;;) {
      const found = pattern.exec(told)?.[1];
      if (found !== undefined) return found;
      if (child.exitCode !== null) throw new Error(`the program ended: ${told}`);
      await sleep(10);
    }
  };
  return { kill: (signal) => child.kill(signal), line, ended };
}

/** Runs a shell line in which `$BUNDLE` is the program. */
export async function runShell(
  line: string,
  options: { readonly env?: Readonly<Record<string, string>>; readonly cwd?: string } = {},
): Promise<MainRun> {
  const child = spawn('bash', ['-c', line], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...options.env, BUNDLE: `${process.execPath} ${MAIN}` },
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
  });
  const { promise, resolve } = Promise.withResolvers<[number | null, NodeJS.Signals | null]>();
  child.once('close', (status, signal) => resolve([status, signal]));
  const [[status, signal], stdout, stderr] = await Promise.all([
    promise,
    text(child.stdout),
    text(child.stderr),
  ]);
  return { status, signal, stdout, stderr };
}
