import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import { systemCode } from '../../src/internal/error.ts';
import { allocatedBytes } from './measure.ts';

/** What one command did to the disk (bytes). */
export interface Footprint {
  /** Allocated at the end beyond what was at the start: the result. */
  readonly stays: number;
  /** The most that was allocated at any time beyond what was at the start. */
  readonly peak: number;
  /** Written to files in all, and so also what was gone between two looks. Sockets and pipes do not count. */
  readonly written: number;
}

/** How often the folder is looked at (milliseconds). */
const LOOK_EVERY = 20;

/**
 * A parent has what its children wrote added to its own when they end (Linux, `Documentation/filesystems/proc.rst`): the
 * shell's counter is exact where that of the command would be gone before it could be read. `write_bytes` counts pages
 * when they become dirty, on disks; folders in memory do not count, so the watched one must not be one.
 */
const COUNTED = 'trap : TERM; "$@" 3>&-; status=$?; cat /proc/$$/io >&3; exit $status';

/**
 * Runs a command to its end and watches a folder that holds all it may write to. `during` gets a function that returns the
 * first group of a pattern as soon as stderr has it; when it is done the command is told to end.
 */
export async function measureFootprint(
  argv: readonly string[],
  options: {
    readonly watch: string;
    readonly env: NodeJS.ProcessEnv;
    readonly during?: (line: (pattern: RegExp) => Promise<string>) => Promise<void>;
  },
): Promise<Footprint> {
  const before = allocatedBytes(options.watch);
  let peak = before;
  const child = spawn('sh', ['-c', COUNTED, 'sh', ...argv], {
    stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...options.env },
    // A group of its own, so that a signal reaches the command and not the shell alone.
    detached: true,
  });
  const [, , stderr, counted] = child.stdio;
  if (
    child.pid === undefined ||
    stderr === null ||
    !(counted !== null && counted !== undefined && 'read' in counted)
  )
    throw new Error(`Cannot start ${argv.join(' ')}`);
  const { pid } = child;
  let told = '';
  stderr.on('data', (chunk: Buffer) => (told += chunk.toString()));
  const ended = once(child, 'close');
  const account = text(counted);
  const timer = setInterval(() => (peak = Math.max(peak, look(options.watch))), LOOK_EVERY);
  try {
    if (options.during !== undefined) {
      const line = async (pattern: RegExp): Promise<string> => {
        while (pattern.exec(told)?.[1] === undefined) {
          if (child.exitCode !== null) throw new Error(`${argv.join(' ')} ended:\n${told}`);
          await pause(LOOK_EVERY);
        }
        return pattern.exec(told)?.[1] ?? '';
      };
      await options.during(line).finally(() => process.kill(-pid, 'SIGTERM'));
    }
    await ended;
  } finally {
    clearInterval(timer);
  }
  if (child.exitCode !== 0) throw new Error(`${argv.join(' ')} ended with ${child.exitCode}:\n${told}`);
  const after = allocatedBytes(options.watch);
  const written = Number(/^write_bytes: (\d+)$/m.exec(await account)?.[1]);
  return { stays: after - before, peak: Math.max(peak, after) - before, written };
}

function look(folder: string): number {
  try {
    return allocatedBytes(folder);
  } catch (error) {
    // A folder was renamed or removed while it was looked at.
    if (systemCode(error) === 'ENOENT') return 0;
    throw error;
  }
}
