import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startHttpServer } from './support/http/http-server.ts';
import { runShell, startMain } from './support/process/run-main.ts';
import { sampleBundle } from './support/samples/sample-bundle.ts';
import { temporaryFolder } from './support/temporary.ts';
import { waitUntil } from './support/wait-until.ts';

let folder: ReturnType<typeof temporaryFolder>;

beforeEach(() => {
  folder = temporaryFolder();
});
afterEach(() => folder[Symbol.dispose]());

function write(name: string, content: string | Uint8Array): string {
  const path = join(folder.path, name);
  writeFileSync(path, content);
  return path;
}

describe('the process', () => {
  it('ends with the status that the error stands for', async () => {
    const spec = write('bad.yaml', 'bundle: 1\nimges: []\n');
    const torn = write('torn.tar', sampleBundle().tar.subarray(0, 20_000));
    const runs = await Promise.all([
      startMain(['--version']).ended,
      startMain(['nope']).ended,
      startMain(['build', spec, '-o', join(folder.path, 'out.tar')]).ended,
      startMain(['verify', torn]).ended,
      startMain(['verify', join(folder.path, 'missing.tar')]).ended,
      startMain(['build', spec, '-o', join(folder.path, 'no', 'such', 'out.tar')]).ended,
    ]);
    expect(runs.map(({ status }) => status)).toEqual([0, 2, 2, 3, 5, 6]);
    for (const { stderr } of runs.slice(1)) expect(stderr).toMatch(/^error: .* \[ERR_[A-Z_]+\]$/m);
    // A report of damage is a result; the others have none.
    expect(runs.map(({ stdout }) => stdout.split(' ')[0])).toEqual([
      expect.stringMatching(/^\d/),
      '',
      '',
      'Damaged',
      '',
      '',
    ]);
  });

  it('keeps stdout to the result: one JSON document, text or error', async () => {
    const bundle = write('lab.tar', sampleBundle().tar);
    const inspected = await startMain(['inspect', bundle, '--json']).ended;
    expect(JSON.parse(inspected.stdout)).toMatchObject({ root: sampleBundle().plan.root, name: 'lab' });
    const verified = await startMain(['verify', bundle, '--json', '--verbose']).ended;
    expect(JSON.parse(verified.stdout)).toMatchObject({ ok: true, problems: [] });
    const failed = await startMain(['verify', join(folder.path, 'missing'), '--json']).ended;
    expect(JSON.parse(failed.stdout)).toMatchObject({ error: { code: 'ERR_BUNDLE_NOT_FOUND' } });
    expect(failed.stderr).toMatch(/^error: /);
  });

  it('prints the root digest last', async () => {
    const bundle = write('lab.tar', sampleBundle().tar);
    const { stdout } = await startMain(['verify', bundle]).ended;
    expect(stdout.trimEnd().split('\n').at(-1)).toBe(`root ${sampleBundle().plan.root}`);
  });

  it('is quiet about a reader that leaves early', async () => {
    const bundle = write('lab.tar', sampleBundle().tar);
    // With --quiet: on a busy machine a status line would say how far it is.
    const { stdout, stderr } = await runShell(
      `for i in 1 2 3; do $BUNDLE inspect ${bundle} --quiet | head -1; done; $BUNDLE help | true; $BUNDLE inspect ${bundle} --json --quiet | true`,
    );
    expect(stderr).toBe('');
    expect(stdout.trimEnd().split('\n')).toHaveLength(3);
  });

  it('does not call a result a success that could not be written', async () => {
    const { status, stderr } = await runShell('$BUNDLE help > /dev/full');
    expect(status).toBe(6);
    expect(stderr).toMatch(/^error: Cannot write the result: /);
  });

  it('writes no escape sequence into a pipe or with NO_COLOR', async () => {
    const { stdout, stderr } = await startMain(['help']).ended;
    expect(stdout + stderr).not.toContain('\u001B');
    const terminal = await runShell(`script -qec "$BUNDLE help; $BUNDLE nope" /dev/null`, {
      env: { NO_COLOR: '1' },
    });
    expect(terminal.stdout).toContain('Commands');
    expect(terminal.stdout).not.toContain('\u001B[1m');
    const coloured = await runShell(`env -u NO_COLOR script -qec "$BUNDLE help" /dev/null`, {
      env: { TERM: 'xterm' },
    });
    expect(coloured.stdout).toContain('\u001B[1m');
  });
});

describe('an interruption', () => {
  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
    'by %s ends a build that waits for a server, with status 130',
    async (signal) => {
      // Answers nobody.
      await using server = await startHttpServer(() => new Promise(() => {}));
      const spec = write(
        'lab.yaml',
        [
          'bundle: 1',
          'name: lab',
          'images: [rancher/rancher:v2.9.2]',
          `registries: { mirrors: { docker.io: { endpoint: ["${server.url}"] } } }`,
        ].join('\n'),
      );
      const build = startMain(['build', spec, '-o', join(folder.path, 'out.tar'), '--json']);
      // A program that cannot start asks nobody: then its end tells why.
      await Promise.race([waitUntil(() => server.requests.length > 0), build.ended]);
      build.kill(signal);
      const { status, signal: killedBy, stdout, stderr } = await build.ended;
      expect({ status, killedBy }).toEqual({ status: 130, killedBy: null });
      expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'ERR_INTERRUPTED' } });
      expect(stderr).toContain('error: Cannot finish "bundle build": interrupted [ERR_INTERRUPTED]');
    },
  );
});
