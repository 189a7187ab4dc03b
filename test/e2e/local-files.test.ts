import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { describe, expect, it } from 'vitest';
import { isRecord } from '../../src/internal/json.ts';
import { type Lab, startLab } from '../support/sites/lab.ts';
import { namesUnder } from '../support/tree.ts';

async function run(lab: Lab, argv: readonly string[]): Promise<Record<string, unknown>> {
  const { stdout, stderr } = await lab.run([...argv, '--json']).ended;
  const json: unknown = stdout === '' ? { stderr } : JSON.parse(stdout);
  return isRecord(json) ? json : {};
}

function makeScripts(lab: Lab): void {
  mkdirSync(lab.at('scripts/var'), { recursive: true });
  writeFileSync(lab.at('scripts/run.sh'), '#!/bin/sh\necho run\n');
  chmodSync(lab.at('scripts/run.sh'), 0o755);
  symlinkSync('run.sh', lab.at('scripts/start'));
}

describe('a folder of the builder', () => {
  it('goes the whole way: built, locked, looked at, installed, taken back', async () => {
    await using lab = await startLab();
    makeScripts(lab);
    const spec = lab.spec(`files:\n  - path: ./scripts\nabout: { title: Scripts of the lab }\n`);
    const built = await run(lab, ['build', spec, '-o', lab.at('lab.tar')]);
    const again = await run(lab, ['build', spec, '-o', lab.at('again.tar'), '--locked']);
    expect(again['root']).toBe(built['root']);
    expect(readFileSync(lab.at('again.tar')).equals(readFileSync(lab.at('lab.tar')))).toBe(true);
    expect(await run(lab, ['verify', lab.at('lab.tar')])).toMatchObject({ ok: true });
    expect(await run(lab, ['inspect', lab.at('lab.tar')])).toMatchObject({
      about: { title: 'Scripts of the lab' },
      items: [
        {
          name: 'scripts',
          files: [{ name: 'scripts/run.sh', executable: true }],
          links: [{ name: 'scripts/start', target: 'run.sh' }],
          folders: ['scripts/var'],
        },
      ],
    });
    const installed = await run(lab, ['install', lab.at('lab.tar'), '--files', lab.at('out')]);
    expect(readlinkSync(lab.at('out/scripts/start'))).toBe('run.sh');
    expect(statSync(lab.at('out/scripts/start')).mode & 0o111).toBe(0o111);
    expect(statSync(lab.at('out/scripts/var')).isDirectory()).toBe(true);
    expect(await run(lab, ['install', lab.at('lab.tar'), '--files', lab.at('out')])).toMatchObject({
      actions: Array.from({ length: 3 }, () => ({ outcome: 'present' })),
    });
    await run(lab, ['uninstall', String(installed['receipt'])]);
    expect(existsSync(lab.at('out')) ? namesUnder(lab.at('out')) : []).toEqual([]);
  });

  it('that changed since it was locked is told of, and nothing is built', async () => {
    await using lab = await startLab();
    makeScripts(lab);
    const spec = lab.spec(`files:\n  - path: ./scripts\n`);
    await run(lab, ['lock', spec]);
    writeFileSync(lab.at('scripts/new'), 'x');
    const { status, stderr } = await lab.run(['build', spec, '-o', lab.at('lab.tar'), '--locked']).ended;
    expect(status).toBe(3);
    expect(stderr).toContain('Cannot use "./scripts" as it was locked');
    expect(existsSync(lab.at('lab.tar'))).toBe(false);
  });
});
