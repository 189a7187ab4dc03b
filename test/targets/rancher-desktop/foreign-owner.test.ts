import { execFile } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it, onTestFinished } from 'vitest';
import { sampleBundle } from '../../support/samples/sample-bundle.ts';
import { k3sSample, versionListSample } from '../../support/samples/target-samples.ts';
import { filesUnder } from '../../support/tree.ts';

const run = promisify(execFile);
const MAIN = join(import.meta.dirname, '../../../src/main.ts');
const NOBODY = 65_534;
const [OLD, NEW] = ['v1.30.6+k3s1', 'v1.31.2+k3s2'];

/** What an earlier install with other rights may have left in a cache, and what the user then cannot do. */
const LEFT: readonly (readonly [string, (cache: string) => void])[] = [
  ['a version that belongs to root', (cache) => chownSync(join(cache, 'k3s', OLD), 0, 0)],
  ['a version that may not be written', (cache) => chmodSync(join(cache, 'k3s', OLD), 0o555)],
  ['a folder of versions that belongs to root', (cache) => chownSync(join(cache, 'k3s'), 0, 0)],
];

it.runIf(process.getuid?.() === 0).each(LEFT)('%s is told before anything changes', async (_what, leave) => {
  const folder = mkdtempSync(join(tmpdir(), 'saddlebag-owner-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  chmodSync(folder, 0o755);
  const list = versionListSample({ cacheVersion: 2, versions: [OLD, NEW], channels: {} });
  writeFileSync(join(folder, 'lab.tar'), sampleBundle([k3sSample(OLD), k3sSample(NEW), list]).tar);
  const [home, cache] = [join(folder, 'home'), join(folder, 'cache')];
  for (const each of [home, cache, join(cache, 'k3s'), join(cache, 'k3s', OLD)]) {
    mkdirSync(each);
    chownSync(each, NOBODY, NOBODY);
  }
  writeFileSync(join(cache, 'k3s', OLD, 'k3s'), 'an older build');
  leave(cache);
  const before = filesUnder(cache);
  const argv = [
    'install',
    join(folder, 'lab.tar'),
    `--rancher-desktop=${cache}`,
    '--host-platform=linux/amd64',
  ];
  const env = { PATH: process.env['PATH'] ?? '', HOME: home };
  const failed = run(process.execPath, [MAIN, ...argv], { uid: NOBODY, gid: NOBODY, cwd: home, env });
  await expect(failed).rejects.toMatchObject({
    code: 6,
    stderr: expect.stringContaining('ERR_OUTPUT_UNWRITABLE'),
  });
  expect(filesUnder(cache)).toEqual(before);
});
