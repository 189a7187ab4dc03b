import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import { systemCode } from '../../src/internal/error.ts';
import { allocatedBytes } from './measure.ts';

/** Disk use of one command (bytes). */
export interface Footprint {
  /** Allocated at the end, above what was there at the start: the result. */
  readonly stays: number;
  /** Peak allocation above what was there at the start. */
  readonly peak: number;
  /** Total written to files, including files that came and went between two samples. Sockets and pipes do not count. */
  readonly written: number;
}

/** Sampling interval (milliseconds). */
const LOOK_EVERY = 20;

/**
 * A parent's counters include those of its children once they end (Linux, `Documentation/filesystems/proc.rst`). So the
 * shell's counter is exact, while the command's own would vanish before it could be read. `write_bytes` counts pages as they
 * become dirty, and only on disks; the watched folder must therefore not be in memory.
 */
const COUNTED = 'trap : TERM; "$@" 3>&-; status=$?; cat /proc/$$/io >&3; exit $status';

/**
 * Runs a command to its end and watches a folder that holds everything it may write to. `during` gets a function that returns
 * the first group of a pattern once stderr contains it; when `during` is done, the command is stopped.
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
    // A process group of its own, so that a signal reaches the command and not just the shell.
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
    // A folder was renamed or removed while it was read.
    if (systemCode(error) === 'ENOENT') return 0;
    throw error;
  }
}
