import process from 'node:process';
import { getHeapSpaceStatistics, type HeapSpaceInfo, setFlagsFromString } from 'node:v8';
import { refuse, runCli } from './cli/run.ts';
import { stopGrace } from './cli/stop-grace.ts';
import { SaddlebagError, systemCode } from './internal/error.ts';
import { EXIT_STATUS } from './internal/error-code.ts';
import { processSurroundings } from './steps/surroundings.ts';
import { VERBS } from './verbs/verbs.ts';
import { VERSION } from './version.ts';

/** How long (milliseconds) a leaked handle may keep a finished program alive. */
const LINGER = 1000;

const MEBIBYTE = 2 ** 20;

/**
 * Keep the heap of V8 close to what lives in it, for a little time: what the program keeps are tables, and all else dies at once.
 * By default, the space for new objects alone grows to 48 MiB, and the heap to a multiple of what lives.
 */
const HEAP_FLAGS = [newSpaceGrowth(1), '--heap-growing-percent=40'];

/** How often to look whether the space for new objects has grown (milliseconds). */
const GROWTH_CHECK = 10;

/** Runs the program: it owns the streams, the signals and the exit status, and nothing else. */
export async function main(): Promise<void> {
  for (const flag of HEAP_FLAGS) setFlagsFromString(flag);
  growNewSpaceOnce();
  let lost: Error | undefined;
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error) => {
      // The reader of a pipe may close it once it has seen enough; any other error means that the result is lost.
      if (systemCode(error) !== 'EPIPE') lost ??= error;
    });
  }
  const argv = process.argv.slice(2);
  const context: Parameters<typeof runCli>[1] = {
    env: process.env,
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    colorDepth: 1,
    surroundings: processSurroundings(),
    signal: interruptions(),
    verbs: VERBS,
    // A text of every option: only help and completion need it.
    pages: async () => await (await import('./cli/pages.ts')).loadPages(),
    version: VERSION,
  };
  const status = await runCli(argv, context);
  await Promise.all([drained(process.stdout), drained(process.stderr)]);
  process.exitCode =
    lost === undefined || status !== 0 ? status : await refuse(argv, resultLost(lost), context);
  setTimeout(() => process.exit(), LINGER).unref();
}

/**
 * Lets the space for new objects grow from 1 MiB to 2 once the program is loaded. In less room, much of what a request makes is still
 * in use when it is full: it is copied, outlives its use, and collecting it takes a third of all CPU time.
 */
function growNewSpaceOnce(): void {
  let isAsked = false;
  const timer = setInterval(() => {
    // V8 has two of them, and grows both after some collections: what they kept has to be more than the room there is.
    const isWide = (getHeapSpaceStatistics().find(isNewSpace)?.space_size ?? 0) > 2 * MEBIBYTE;
    if (!isAsked && !isWide) setFlagsFromString(newSpaceGrowth(2));
    isAsked = true;
    if (!isWide) return;
    setFlagsFromString(newSpaceGrowth(1));
    clearInterval(timer);
  }, GROWTH_CHECK).unref();
}

function newSpaceGrowth(factor: number): string {
  return `--semi-space-growth-factor=${factor}`;
}

function isNewSpace({ space_name: name }: HeapSpaceInfo): boolean {
  return name === 'new_space';
}

/** A result that nobody can read is not a success. */
function resultLost(cause: Error): SaddlebagError {
  return new SaddlebagError('ERR_DISK_FAILED', `Cannot write the result: ${cause.message}`, { cause });
}

/** Signals that ask a process to end: Ctrl-C, `kill`, and a terminal or session that closes; Windows has one more key. */
const STOPS = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGBREAK'] as const;

/** Returns a signal that aborts when the user asks the program to end. A second request ends it at once. */
function interruptions(): AbortSignal {
  const controller = new AbortController();
  for (const name of STOPS) {
    process.on(name, () => {
      // A closing session sends its signal more than once.
      if (controller.signal.aborted && name === 'SIGHUP') return;
      if (controller.signal.aborted) process.exit(EXIT_STATUS.ERR_INTERRUPTED);
      controller.abort(new Error(name));
      setTimeout(() => process.exit(EXIT_STATUS.ERR_INTERRUPTED), stopGrace(process.argv.slice(2))).unref();
    });
  }
  return controller.signal;
}

/** Waits until a stream has flushed or failed; pipes are asynchronous on Windows. */
async function drained(stream: NodeJS.WriteStream): Promise<void> {
  if (stream.destroyed) return;
  await new Promise<void>((resolve) => {
    stream.write('', () => resolve());
  });
}
