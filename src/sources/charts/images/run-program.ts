import { spawn } from 'node:child_process';
import { messageOf, systemCode } from '../../../internal/error.ts';
import { throwIfInterrupted } from '../../../internal/interrupt.ts';
import type { WaitOptions } from '../../../oci/roles.ts';

export interface ProgramOptions extends WaitOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Ceiling of its output (bytes). */
  readonly outputLimit: number;
  /** The program does not exist. */
  readonly onMissing: (cause: unknown) => never;
  /** It could not run to completion. */
  readonly onTrouble: (fact: string, cause?: unknown) => never;
}

/** A program's output. */
export interface ProgramResult {
  readonly status: number | null;
  readonly output: string;
  /** The first line of its stderr. */
  readonly words: string;
}

const TIME_LIMIT_MS = 120_000;
const WORDS_LIMIT = 300;

/**
 * Runs a program from the PATH, without a shell, and returns its output.
 *
 * @throws `ERR_INTERRUPTED`, and the errors given in the options
 */
export async function runProgram(
  program: string,
  parameters: readonly string[],
  options: ProgramOptions,
): Promise<ProgramResult> {
  const { env, outputLimit, onMissing, onTrouble, signal } = options;
  throwIfInterrupted(signal);
  const limit = AbortSignal.timeout(TIME_LIMIT_MS);
  const { promise, resolve, reject } = Promise.withResolvers<number | null>();
  const child = spawn(program, [...parameters], {
    env: { ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    windowsHide: true,
    signal: signal === undefined ? limit : AbortSignal.any([signal, limit]),
  });
  const chunks: Uint8Array[] = [];
  let length = 0;
  let words = '';
  child.stdout.on('data', (chunk: Uint8Array) => {
    length += chunk.length;
    if (length <= outputLimit) chunks.push(chunk);
    else child.kill();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    if (words.length < WORDS_LIMIT) words += chunk.toString();
  });
  child.once('error', reject);
  child.once('close', resolve);
  let status: number | null;
  try {
    status = await promise;
  } catch (cause) {
    throwIfInterrupted(signal);
    if (limit.aborted) return onTrouble('did not finish in time', cause);
    return systemCode(cause) === 'ENOENT'
      ? onMissing(cause)
      : onTrouble(`cannot be run (${messageOf(cause)})`, cause);
  }
  if (length > outputLimit) return onTrouble(`wrote more than ${outputLimit} bytes`);
  const [line = ''] = words.trim().split(/\r?\n/);
  return { status, output: Buffer.concat(chunks).toString(), words: line.slice(0, WORDS_LIMIT) };
}
