import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

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
const VITEST = join('node_modules', 'vitest', 'vitest.mjs');

/** The outcome of a test run. */
interface TestRun {
  readonly outcome: 'passed' | 'failed' | 'late';
  readonly seconds: number;
  /** The first failing test. */
  readonly by: string;
}

/** A copy of the project to mutate: the real working tree is never touched. */
export interface Workshop extends Disposable {
  readonly root: string;
  /** Runs tests until the first failure, for at most `limit` seconds. */
  test(paths: readonly string[], limit: number): Promise<TestRun>;
  /** Replaces a source file while `task` runs. */
  spoil<T>(source: string, text: string, task: () => Promise<T>): Promise<T>;
}

export function openWorkshop(): Workshop {
  const root = mkdtempSync(join(tmpdir(), 'saddlebag-mutate-'));
  for (const part of PARTS) cpSync(join(ROOT, part), join(root, part), { recursive: true });
  symlinkSync(join(ROOT, 'node_modules'), join(root, 'node_modules'));
  return {
    root,
    test: async (paths, limit) => await runTests(root, paths, limit),
    spoil: async (source, text, task) => {
      const path = join(root, source);
      const honest = readFileSync(path);
      writeFileSync(path, text);
      try {
        return await task();
      } finally {
        writeFileSync(path, honest);
      }
    },
    [Symbol.dispose]: () => rmSync(root, { recursive: true }),
  };
}

async function runTests(root: string, paths: readonly string[], limit: number): Promise<TestRun> {
  const started = performance.now();
  const args = [VITEST, 'run', '--bail=1', '--maxWorkers=1', '--reporter=tap-flat', ...paths];
  const child = spawn(process.execPath, args, {
    cwd: root,
    env: { ...process.env, NO_COLOR: '1', CI: '1' },
    stdio: ['ignore', 'pipe', 'ignore'],
    // Tests start child processes, and a mutant may hang in one of them.
    detached: true,
  });
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
  }, limit * 1000);
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  const [status] = await once(child, 'close');
  clearTimeout(timer);
  return {
    outcome: isLate ? 'late' : status === 0 ? 'passed' : 'failed',
    seconds: (performance.now() - started) / 1000,
    by: /^not ok \d+ - (.*?)(?: # .*)?$/m.exec(output)?.[1] ?? '',
  };
}
