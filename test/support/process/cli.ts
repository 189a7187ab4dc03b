import { PassThrough } from 'node:stream';
import { clearLine, cursorTo, moveCursor } from 'node:readline';
import type { Verbs } from '../../../src/cli/verbs.ts';
import { runCli } from '../../../src/cli/run.ts';

/** What a command printed and how it ended. */
export interface CliRun {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A stream in memory that collects text, and may pass for a terminal. */
export class MemoryStream extends PassThrough {
  readonly isTTY: boolean;
  readonly columns: number;
  #text = '';

  constructor(isTTY = false, columns = 100) {
    super();
    this.isTTY = isTTY;
    this.columns = columns;
    this.setEncoding('utf8');
    this.on('data', (chunk: string) => {
      this.#text += chunk;
    });
  }

  get text(): string {
    return this.#text;
  }

  clearLine(direction: -1 | 0 | 1): boolean {
    return clearLine(this, direction);
  }

  cursorTo(x: number): boolean {
    return cursorTo(this, x);
  }

  moveCursor(dx: number, dy: number): boolean {
    return moveCursor(this, dx, dy);
  }
}

/** Runs a command in memory. A verb that is not given must not be called. */
export async function runInMemory(
  argv: readonly string[],
  options: {
    readonly verbs?: Partial<Verbs>;
    readonly env?: Readonly<Record<string, string>>;
    readonly isTerminal?: boolean;
    readonly signal?: AbortSignal;
  } = {},
): Promise<CliRun> {
  const stdout = new MemoryStream(options.isTerminal);
  const stderr = new MemoryStream(options.isTerminal);
  const status = await runCli(argv, {
    env: { ...options.env },
    stdin: new PassThrough(),
    stdout,
    stderr,
    colorDepth: 1,
    home: '/home/user',
    signal: options.signal ?? new AbortController().signal,
    verbs: {
      build: uncalled('build'),
      lock: uncalled('lock'),
      convert: uncalled('convert'),
      config: uncalled('config'),
      checkRegistries: uncalled('checkRegistries'),
      keygen: uncalled('keygen'),
      sign: uncalled('sign'),
      verify: uncalled('verify'),
      inspect: uncalled('inspect'),
      diff: uncalled('diff'),
      repair: uncalled('repair'),
      install: uncalled('install'),
      uninstall: uncalled('uninstall'),
      serve: uncalled('serve'),
      ...options.verbs,
    },
    version: '1.2.3',
  });
  return { status, stdout: stdout.text, stderr: stderr.text };
}

function uncalled(verb: string): () => Promise<never> {
  return () => Promise.reject(new Error(`${verb} was called`));
}
