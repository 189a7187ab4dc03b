import { PassThrough } from 'node:stream';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadPages } from '../../src/cli/pages.ts';
import { runCli } from '../../src/cli/run.ts';
import { VERBS } from '../../src/verbs/verbs.ts';
import { plannedImage, plannedKubectl } from '../support/planned/items.ts';
import { MemoryStream } from '../support/process/cli.ts';
import { sampleBundle } from '../support/samples/sample-bundle.ts';
import { filesBelow, type KitScene, kitScene } from '../support/sites/kit-scene.ts';

/** Starts the program without arguments from the kit of a scene, and types the lines. */
async function type(
  lines: readonly string[],
  { stick, home, surroundings }: KitScene,
  { isTerminal = true } = {},
): Promise<{ readonly status: number; readonly stdout: string; readonly stderr: string }> {
  const stdin = new PassThrough();
  stdin.end(lines.map((line) => `${line}\n`).join(''));
  const [stdout, stderr] = [new MemoryStream(isTerminal), new MemoryStream(isTerminal)];
  const env = { HOME: home, NO_COLOR: '1', CI: '1', SADDLEBAG_KIT: stick };
  const status = await runCli([], {
    env,
    stdin,
    stdout,
    stderr,
    colorDepth: 1,
    surroundings: { ...surroundings, env },
    signal: new AbortController().signal,
    verbs: VERBS,
    pages: loadPages,
    version: '0.0.0',
  });
  return { status, stdout: stdout.text, stderr: stderr.text };
}

describe('the menu of a kit', () => {
  it('names the bundle with its root, and what can be done', async () => {
    const { status, stdout } = await type(['q'], kitScene());
    expect(status).toBe(0);
    expect(stdout).toContain(`lab.tar  ${sampleBundle().plan.root}`);
    for (const word of ['Verify', 'Show', 'Install', 'Serve', 'Leave']) expect(stdout).toContain(word);
  });

  it('verifies, shows, and comes back', async () => {
    const { status, stdout } = await type(['1', '2', 'q'], kitScene());
    expect(status).toBe(0);
    expect(stdout.match(/Verified .*lab\.tar/)).not.toBeNull();
    expect(stdout.match(/Number: /g)).toHaveLength(3);
  });

  it.each([
    ['nothing but a dry run unless that is wanted', 'n', false],
    ['what was shown, once that is wanted', 'y', true],
  ])('installs %s', async (_, answer, isInstalled) => {
    const scene = kitScene();
    const samples = [
      plannedKubectl('1.30.6', 'linux/amd64'),
      plannedImage('docker.io/rancher/rancher:v2.9.2'),
    ];
    writeFileSync(join(scene.stick, 'lab.tar'), sampleBundle(samples).tar);
    const { stdout } = await type(['3', answer, 'q'], scene);
    expect(stdout).toContain('Would install');
    expect(filesBelow(scene.home).some((path) => path.includes('.kuberlr/'))).toBe(isInstalled);
  });

  it.each([['0'], ['99'], ['hello'], ['']])('says that there is no %j, and asks again', async (word) => {
    const { stdout } = await type([word, 'q'], kitScene());
    expect(stdout).toContain(`There is no "${word}" here`);
  });

  it('ends where the input does', async () => {
    expect((await type([], kitScene())).status).toBe(0);
  });

  it('says so when the bundle is gone', async () => {
    const scene = kitScene();
    rmSync(join(scene.stick, 'lab.tar'));
    expect((await type(['1'], scene)).stderr).toContain('There is no bundle in');
  });

  it('is not shown where no one can answer', async () => {
    const { stdout } = await type(['1'], kitScene(), { isTerminal: false });
    expect(stdout).toContain('On the offline host');
  });
});
