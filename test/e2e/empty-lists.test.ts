import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type CliRun, runInMemory } from '../support/process/cli.ts';
import { startRegistry } from '../support/registry/registry.ts';
import { sampleImage } from '../support/samples/sample-image.ts';
import { temporaryFolder } from '../support/temporary.ts';

const LISTS: readonly (readonly [string, string])[] = [
  ['of no bytes', ''],
  ['of a mark of Windows alone', '\uFEFF'],
  ['of blank lines', '\r\n\r\n  \n'],
  ['of comments', '# images of the release\n  # none\n'],
];

/** Runs a command in a folder that has a list and a registry. */
async function setUp(list: string): Promise<{
  at: (path: string) => string;
  host: string;
  run: (...argv: readonly string[]) => Promise<CliRun>;
}> {
  const folder = temporaryFolder();
  const registry = await startRegistry();
  await registry.seed('team/app', sampleImage({ name: 'app' }), 'v1');
  onTestFinished(async () => {
    await registry[Symbol.asyncDispose]();
    folder[Symbol.dispose]();
  });
  const at = (path: string): string => join(folder.path, path);
  writeFileSync(at('list.txt'), list);
  const run = async (...argv: readonly string[]): Promise<CliRun> =>
    await runInMemory(argv, { home: folder.path, verbs: 'real' });
  return { at, host: registry.host, run };
}

describe.each(LISTS)('a list %s', (_what, list) => {
  it.each(['build', 'lock'])('is the end of %s when nothing else is asked for', async (command) => {
    const { at, run } = await setUp(list);
    writeFileSync(at('lab.yaml'), 'bundle: 1\nname: lab\nimageLists: [list.txt]\n');
    const out = command === 'build' ? ['-o', at('lab.tar')] : [];
    const { status, stderr } = await run(command, at('lab.yaml'), ...out);
    expect(status).toBe(2);
    expect(stderr).toMatch(/warning: The image list "list\.txt" lists nothing/);
    expect(stderr).toContain('nothing is left to be bundled');
  });

  it.each(['imageLists', 'imageDigests'])('is a warning under %s beside other content', async (key) => {
    const { at, host, run } = await setUp(list);
    writeFileSync(
      at('lab.yaml'),
      `bundle: 1\nname: lab\nimages: ["${host}/team/app:v1"]\n${key}: [list.txt]\n`,
    );
    const { status, stderr } = await run('build', at('lab.yaml'), '-o', at('lab.tar'));
    expect(status).toBe(0);
    expect(stderr).toMatch(/warning: The (?:image list|list of digests) "list\.txt" lists nothing/);
    expect(stderr).toContain('lab.yaml:4:');
  });

  it('of images to retry does not mean that nothing is to be pushed', async () => {
    const { at, host, run } = await setUp(list);
    writeFileSync(at('lab.yaml'), `bundle: 1\nname: lab\nimages: ["${host}/team/app:v1"]\n`);
    await run('build', at('lab.yaml'), '-o', at('lab.tar'));
    const { status, stderr } = await run(
      'install',
      at('lab.tar'),
      '--registry',
      `${host}/mirror`,
      '--retry',
      at('list.txt'),
    );
    expect(status).toBe(2);
    expect(stderr).toContain('it lists nothing');
  });
});

it.each([
  ['imageLists', 'https://host.invalid/images.txt', 'Fetch it to this host first'],
  ['imageDigests', 'HTTP://host.invalid/digests.txt', 'Fetch it to this host first'],
])('an address under %s is told from a file', async (key, list, hint) => {
  const { at, run } = await setUp('');
  writeFileSync(at('lab.yaml'), `bundle: 1\nname: lab\nimages: [busybox]\n${key}: ["${list}"]\n`);
  const { status, stderr } = await run('build', at('lab.yaml'), '-o', at('lab.tar'));
  expect(status).toBe(2);
  expect(stderr).toContain(hint);
});
