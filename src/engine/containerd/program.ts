import { spawn } from 'node:child_process';
import { pipeline } from 'node:stream/promises';
import type { ByteStream } from '../../internal/bytes.ts';
import { messageOf, SaddlebagError, systemCode } from '../../internal/error.ts';
import { throwIfInterrupted } from '../../internal/interrupt.ts';
import type { WaitOptions } from '../../oci/roles.ts';
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
    return { status, stdout: output.stdout, words: lastLine(output.stderr) };
  } catch (error) {
    child.kill();
    throwIfInterrupted(signal);
    throw watched?.fault() ?? cannotRun(program, error);
  }
}

/**
 * Runs the client of an engine without a shell, and yields what it writes on stdout as it comes.
 *
 * @throws `ERR_TARGET_FAILED` when it cannot be run, or says that it failed; `ERR_INTERRUPTED`
 */
export async function* outputOf(
  command: readonly string[],
  parameters: readonly string[],
  { env, signal }: Omit<ClientOptions, 'input'>,
): ByteStream {
  throwIfInterrupted(signal);
  const [program = '', ...rest] = command;
  const { promise, resolve, reject } = Promise.withResolvers<number | null>();
  const child = spawn(program, [...rest, ...parameters], {
    env: { ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    windowsHide: true,
    signal,
  });
  child.once('error', reject);
  child.once('close', resolve);
  // Whoever stops reading never asks how it ended.
  promise.catch(() => undefined);
  let words = '';
  child.stderr.on('data', (chunk: Buffer) => {
    if (words.length < OUTPUT_LIMIT) words += chunk.toString();
  });
  let status: number | null;
  try {
    for await (const chunk of child.stdout) if (chunk instanceof Uint8Array) yield chunk;
    status = await promise;
  } catch (error) {
    throwIfInterrupted(signal);
    throw cannotRun(program, error);
  } finally {
    child.kill();
  }
  throwIfInterrupted(signal);
  if (status !== 0) throw failed([program, ...parameters].join(' '), { status, words });
}

function lastLine(words: string): string {
  return words.trim().split(/\r?\n/).at(-1)?.slice(0, 500) ?? '';
}

function failed(
  line: string,
  { status, words }: { readonly status: number | null; readonly words: string },
): SaddlebagError {
  const fact = lastLine(words) === '' ? `it ended with status ${status ?? 'unknown'}` : lastLine(words);
  return new SaddlebagError('ERR_TARGET_FAILED', `Cannot run "${line}": ${fact}`);
}

function cannotRun(program: string, cause: unknown): SaddlebagError {
  const fact = systemCode(cause) === 'ENOENT' ? 'it is not on the PATH' : messageOf(cause);
  return new SaddlebagError('ERR_TARGET_FAILED', `Cannot run "${program}": ${fact}`, {
    hint: 'It comes with the engine; put its folder on the PATH, or run the command on the host of the engine.',
    cause,
  });
}
