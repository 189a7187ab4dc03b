import { type ChildProcess, fork } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import type { TestOrder, TestOutcome } from './tester.ts';
import type { TestRun } from './tests.ts';

const ROOT = join(import.meta.dirname, '../..');
const PARTS = [
  'src',
  'test',
  'scripts',
  'bundle-spec',
  'docs',
  'package.json',
  'tsconfig.json',
  'vitest.config.ts',
];
const TESTER = join(import.meta.dirname, 'tester.ts');

/** The outcome of a test run. */
export interface Verdict {
  readonly outcome: 'passed' | 'failed' | 'late';
  readonly seconds: number;
  /** The first failing test. */
  readonly by: string;
  /** The file that it is in, when it failed. */
  readonly file?: string | undefined;
}

/** A copy of the project to mutate: the real working tree is never touched. */
export class Workshop implements Disposable {
  readonly root: string = mkdtempSync(join(tmpdir(), 'saddlebag-mutate-'));
  /** Starting a test runner takes longer than most tests, so one is kept. */
  #tester: Promise<ChildProcess> | undefined;
  readonly #changed = new Set<string>();

  constructor() {
    for (const part of PARTS) cpSync(join(ROOT, part), join(this.root, part), { recursive: true });
    symlinkSync(join(ROOT, 'node_modules'), join(this.root, 'node_modules'));
  }

  /** Runs tests until the first failure, for at most `limit` seconds. */
  async test({ files, pattern }: TestRun, limit: number): Promise<Verdict> {
    const tester = await (this.#tester ??= this.#start());
    const order: TestOrder = {
      changed: [...this.#changed],
      tests: files.map((file) => join(this.root, file)),
      pattern,
    };
    this.#changed.clear();
    const started = performance.now();
    const outcome = await answerOf(tester, order, limit);
    const seconds = (performance.now() - started) / 1000;
    if (outcome === undefined) this.#stop(tester);
    if (outcome === undefined) return { outcome: 'late', seconds, by: 'hangs' };
    const file = outcome.file === undefined ? undefined : relative(this.root, outcome.file);
    return { outcome: outcome.passed ? 'passed' : 'failed', seconds, by: outcome.by, file };
  }

  /** Replaces a source file while `task` runs. */
  async spoil<T>(source: string, text: string, task: () => Promise<T>): Promise<T> {
    const path = join(this.root, source);
    const honest = readFileSync(path);
    writeFileSync(path, text);
    this.#changed.add(path);
    try {
      return await task();
    } finally {
      writeFileSync(path, honest);
      this.#changed.add(path);
    }
  }

  [Symbol.dispose](): void {
    void this.#tester?.then((tester) => this.#stop(tester));
    rmSync(this.root, { recursive: true, force: true });
  }

  async #start(): Promise<ChildProcess> {
    const tester = fork(TESTER, {
      cwd: this.root,
      env: { ...process.env, NO_COLOR: '1', CI: '1' },
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
      // Tests start child processes, and a mutant may hang in one of them.
      detached: true,
    });
    await new Promise((resolve) => tester.once('message', resolve));
    return tester;
  }

  #stop(tester: ChildProcess): void {
    this.#tester = undefined;
    if (tester.pid !== undefined && tester.exitCode === null) process.kill(-tester.pid, 'SIGKILL');
  }
}

/** Returns what the tester answers; `undefined` when it takes too long, or ends. */
async function answerOf(
  tester: ChildProcess,
  order: TestOrder,
  limit: number,
): Promise<TestOutcome | undefined> {
  const { promise, resolve } = Promise.withResolvers<TestOutcome | undefined>();
  const timer = setTimeout(() => resolve(undefined), limit * 1000);
  const onMessage = (outcome: TestOutcome): void => resolve(outcome);
  const onExit = (): void => resolve(undefined);
  tester.once('message', onMessage).once('exit', onExit);
  tester.send(order);
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    tester.off('message', onMessage).off('exit', onExit);
  }
}
