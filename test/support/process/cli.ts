import { PassThrough } from 'node:stream';
import { clearLine, cursorTo, moveCursor } from 'node:readline';
import { loadPages } from '../../../src/cli/pages.ts';
import type { Clock } from '../../../src/internal/http/watch/clock.ts';
import { runCli } from '../../../src/cli/run.ts';
import { type Verbs, VERBS } from '../../../src/verbs/verbs.ts';

/** The library, whose functions may have doubles. */
export type Library = typeof import('../../../src/index.ts');

/** What a command printed and how it ended. */
export interface CliRun {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A stream in memory that collects text, and may pass for a terminal. */
export class MemoryStream extends PassThrough {
  readonly isTTY: boolean;
  columns: number;
  rows: number | undefined;
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

/** Runs a command in memory. A verb that is not given must not be called, unless all of them are the real ones. */
export async function runInMemory(
  argv: readonly string[],
  options: {
    readonly verbs?: Partial<Library> | 'real';
    readonly env?: Readonly<Record<string, string>> | undefined;
    readonly home?: string;
    /** The folder of the program, for a kit. */
    readonly program?: string | undefined;
    readonly isTerminal?: boolean;
    readonly signal?: AbortSignal;
    readonly clock?: Clock;
    /** Where it tells, for whoever looks while it runs. */
    readonly stderr?: MemoryStream;
  } = {},
): Promise<CliRun> {
  const stdout = new MemoryStream(options.isTerminal);
  const stderr = options.stderr ?? new MemoryStream(options.isTerminal);
  const status = await runCli(argv, {
    env: { ...options.env },
    stdin: new PassThrough(),
    stdout,
    stderr,
    colorDepth: 1,
    surroundings: {
      env: { ...options.env },
      home: options.home ?? '/home/user',
      host: { platform: 'linux', arch: 'x64' },
      program: options.program,
      clock: options.clock,
    },
    signal: options.signal ?? new AbortController().signal,
    verbs: options.verbs === 'real' ? VERBS : doubles(options.verbs ?? {}),
    pages: loadPages,
    version: '1.2.3',
  });
  return { status, stdout: stdout.text, stderr: stderr.text };
}

/** Returns the list of verbs with doubles behind it: every file has the same ones. */
function doubles(verbs: Partial<Library>): Verbs {
  const file = new Map(Object.entries(verbs));
  const double = (name: string | symbol): unknown => {
    if (name === 'then') return undefined;
    return file.get(String(name)) ?? uncalled(String(name));
  };
  const module = new Proxy({}, { get: (_, name) => double(name) });
  return new Proxy(VERBS, { get: () => async () => module });
}

function uncalled(verb: string): () => Promise<never> {
  return () => Promise.reject(new Error(`${verb} was called`));
}
