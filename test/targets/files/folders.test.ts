import { mkdirSync, readlinkSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FOLDER } from '../../../scripts/examples/content.ts';
import { folderSample } from '../../support/samples/folder-sample.ts';
import { artifactSample } from '../../support/samples/target-samples.ts';
import { install, installLab, takeBack } from '../../support/sites/install-lab.ts';
import { startServing } from '../../support/sites/serving.ts';
import { filesUnder, namesUnder } from '../../support/tree.ts';
import { problemsOf, thrownBy } from '../../support/thrown.ts';

describe('a folder of a bundle', () => {
  it('is placed as it was, a second time changes nothing, and what was changed is repaired', async () => {
    const lab = await installLab([FOLDER]);
    const options = { ...lab.options, targets: { files: lab.at('out') } };
    const { findings } = await install(options);
    expect(findings.filter(({ level }) => level !== 'ok')).toEqual([]);
    expect(readlinkSync(lab.at('out/scripts/lib/start'))).toBe('../start');
    expect(readlinkSync(lab.at('out/scripts/current'))).toBe('lib');
    expect(statSync(lab.at('out/scripts/var/spool')).isDirectory()).toBe(true);
    expect(statSync(lab.at('out/scripts/lib/start')).mode & 0o777).toBe(0o755);
    const again = await install(options);
    expect(again.actions.map(({ outcome }) => outcome)).toEqual(Array.from({ length: 7 }, () => 'present'));
    rmSync(lab.at('out/scripts/start'));
    symlinkSync('lib', lab.at('out/scripts/start'));
    rmSync(lab.at('out/scripts/var'), { recursive: true });
    const outcomes = (await install(options)).actions.filter(({ outcome }) => outcome !== 'present');
    expect(outcomes.map(({ name, outcome }) => [name, outcome])).toEqual([
      ['scripts/var/spool', 'placed'],
      ['scripts/start', 'replaced'],
    ]);
    expect(readlinkSync(lab.at('out/scripts/start'))).toBe('run.sh');
  });

  it('is taken back with its links and folders, but for a link that leads elsewhere now', async () => {
    const lab = await installLab([FOLDER]);
    const { receipt = '' } = await install({ ...lab.options, targets: { files: lab.at('out') } });
    rmSync(lab.at('out/scripts/current'));
    symlinkSync('var', lab.at('out/scripts/current'));
    const { findings } = await takeBack(receipt, lab.options);
    expect(findings.map(({ message }) => message)).toEqual([
      `${lab.at('out/scripts/current')} was changed since it was placed, and stays`,
    ]);
    expect(namesUnder(lab.at('out'))).toEqual(['scripts', 'scripts/current']);
  });

  it('goes nowhere else, even where a link leads out of the folder that is filled', async () => {
    const lab = await installLab([FOLDER]);
    mkdirSync(lab.at('elsewhere/lib'), { recursive: true });
    mkdirSync(lab.at('out'));
    symlinkSync(lab.at('elsewhere'), lab.at('out/scripts'));
    const error = await thrownBy(install({ ...lab.options, targets: { files: lab.at('out') } }));
    expect(error).toMatchObject({
      code: 'ERR_TARGET_REFUSED',
      message: expect.stringContaining(`a link leads out of "${lab.at('out')}"`),
    });
    expect(filesUnder(lab.at('elsewhere'))).toEqual({});
  });

  it.each([
    ['a folder where a link goes', 'scripts/start', true],
    ['a file where a folder goes', 'scripts/var', false],
  ])('does not replace %s', async (_, path, isFolder) => {
    const lab = await installLab([FOLDER]);
    mkdirSync(join(lab.at('out'), path, '..'), { recursive: true });
    if (isFolder) mkdirSync(lab.at(`out/${path}`));
    else writeFileSync(lab.at(`out/${path}`), 'mine');
    const problems = await problemsOf(install({ ...lab.options, targets: { files: lab.at('out') } }));
    expect(problems.join()).toContain('ERR_TARGET_REFUSED');
  });

  it('and a file of another item at the same path are refused', async () => {
    const other = folderSample('other', { files: [{ name: 'scripts/run.sh', text: 'x' }] });
    const inside = artifactSample({ kind: 'file', name: 'one', audience: ['files'] }, [
      { name: 'scripts', bytes: Buffer.from('x') },
    ]);
    for (const sample of [other, inside]) {
      const lab = await installLab([FOLDER, sample]);
      const problems = await problemsOf(install({ ...lab.options, targets: { files: lab.at('out') } }));
      expect(problems.join()).toContain('ERR_TARGET_REFUSED');
    }
  });

  it('is served file by file, a link as the file that it leads to', async () => {
    await using serving = await startServing({ bundles: [[FOLDER]] });
    const page = await (await serving.get('/', { headers: { accept: 'text/html' } })).text();
    expect(page).toContain('href="/files/scripts/lib/one.txt"');
    for (const path of ['run.sh', 'start', 'lib/start'])
      expect(await (await serving.get(`/files/scripts/${path}`)).text()).toBe('#!/bin/sh\n');
    for (const path of ['', '/current', '/lib', '/../run.sh', '/current/one.txt'])
      expect((await serving.get(`/files/scripts${path}`)).status).toBe(404);
  });
});
