import { spawn } from 'node:child_process';
import { pipeline } from 'node:stream/promises';
import type { ByteStream } from '../../../internal/bytes.ts';
import { messageOf, SaddlebagError, systemCode } from '../../../internal/error.ts';
import { throwIfInterrupted } from '../../../internal/interrupt.ts';
import type { WaitOptions } from '../../../oci/roles.ts';
import { watchedInput } from '../watched-input.ts';

/** Ceiling (bytes) of what a program may print. */
const OUTPUT_LIMIT = 16 * 1024 * 1024;

export interface ClientOptions extends WaitOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly input?: ByteStream | undefined;
}

export interface ClientResult {
  readonly status: number | null;
  readonly stdout: string;
  /** What went wrong, by its last line. */
  readonly words: string;
}

/**
 * Runs the client of an engine without a shell, with `input` on its stdin, and returns what it printed.
 *
 * @throws `ERR_TARGET_FAILED` when it cannot be run; `ERR_INTERRUPTED`; what the input throws
 */
export async function runClient(
  command: readonly string[],
  parameters: readonly string[],
  { env, input, signal }: ClientOptions,
): Promise<ClientResult> {
  throwIfInterrupted(signal);
  const [program = '', ...rest] = command;
  const { promise, resolve, reject } = Promise.withResolvers<number | null>();
  const child = spawn(program, [...rest, ...parameters], {
    env: { ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
    windowsHide: true,
    signal,
  });
  const output = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const)
    child[stream].on('data', (chunk: Buffer) => {
      if (output[stream].length < OUTPUT_LIMIT) output[stream] += chunk.toString();
    });
  child.once('error', reject);
  child.once('close', resolve);
  const watched = input === undefined ? undefined : watchedInput(input);
  // A client that refuses ends before it has read everything; what it says counts.
  const sent =
    watched === undefined ? child.stdin.end() : pipeline(watched.stream, child.stdin).catch(() => undefined);
  try {
    const [status] = await Promise.all([promise, sent]);
    const fault = watched?.fault();
    if (fault !== undefined) throw fault;
    const lines = output.stderr.trim().split(/\r?\n/);
    return { status, stdout: output.stdout, words: lines.at(-1)?.slice(0, 500) ?? '' };
  } catch (error) {
    child.kill();
    throwIfInterrupted(signal);
    const fault = watched?.fault();
    if (fault !== undefined) throw fault;
    const fact = systemCode(error) === 'ENOENT' ? 'it is not on the PATH' : messageOf(error);
    throw new SaddlebagError('ERR_TARGET_FAILED', `Cannot run "${program}": ${fact}`, {
      hint: 'It comes with the engine; put its folder on the PATH, or run the install on the host of the engine.',
      cause: error,
    });
  }
}
