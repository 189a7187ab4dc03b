import { spawn } from 'node:child_process';
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';

/** The cost of one command. */
export interface Cost {
  readonly seconds: number;
  /** Seconds of processor time in user mode, of the process and of all that it started and waited for. */
  readonly user: number;
  /** Peak resident memory (bytes) of the process itself. */
  readonly peakMemory: number;
  /** Peak allocation (bytes) in the watched folder during the run. */
  readonly peakDisk: number;
  readonly stdout: string;
}

/** Sampling interval for memory and disk (milliseconds): short enough to catch a temporary copy, too long to disturb the run. */
const LOOK_EVERY = 50;

/** Runs a command to its end; throws when it fails, because the time of a failed run means nothing. */
export async function measure(
  command: string,
  args: readonly string[],
  options: { readonly watch?: string; readonly env?: NodeJS.ProcessEnv } = {},
): Promise<Cost> {
  const started = performance.now();
  const before = userOfEnded();
  const child = spawn(command, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...options.env },
  });
  const output = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk: Buffer) => (output.stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (output.stderr += chunk.toString()));
  let peakMemory = 0;
  let peakDisk = 0;
  const look = (): void => {
    peakMemory = Math.max(peakMemory, residentPeak(child.pid));
    if (options.watch !== undefined) peakDisk = Math.max(peakDisk, allocatedBytes(options.watch));
  };
  const timer = setInterval(look, LOOK_EVERY);
  const status = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  const seconds = (performance.now() - started) / 1000;
  clearInterval(timer);
  const user = userOfEnded() - before;
  look();
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${status}:\n${output.stderr}`);
  return { seconds, user, peakMemory, peakDisk, stdout: output.stdout };
}

/**
 * Returns the bytes allocated below a folder as the file system counts them: a sparse file counts only its data, and a file
 * with two names counts once.
 */
export function allocatedBytes(folder: string): number {
  const allocated = new Map<number, number>();
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const found = statSync(join(entry.parentPath, entry.name), { throwIfNoEntry: false });
    if (found !== undefined) allocated.set(found.ino, found.blocks * 512);
  }
  return [...allocated.values()].reduce((sum, bytes) => sum + bytes, 0);
}

/** Returns the seconds of user time of all processes that ended so far: `cutime` of proc(5), in hundredths. */
function userOfEnded(): number {
  const stat = readFileSync('/proc/self/stat', 'utf8');
  // The second field is a name in parentheses, which may hold blanks; `cutime` is the sixteenth.
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[13]) / 100;
}

function residentPeak(pid: number | undefined): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    return Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) * 1024;
  } catch {
    // The process ended between two samples.
    return 0;
  }
}
