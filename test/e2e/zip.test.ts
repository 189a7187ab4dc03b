import { readFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Lab, startLab } from '../support/sites/lab.ts';
import { type ServedInternet, startServedInternet } from '../support/sites/served-internet.ts';
import { filesUnder } from '../support/tree.ts';

const SPEC = `platforms: [linux/amd64]
images: [rancher/rancher:v2.9.2, rancher/shell:v0.2.1]
k3s:
  versions: [v1.30.6+k3s1]
  architectures: [amd64]
files:
  - url: SITES/files/tool.tar.gz
`;

let internet: ServedInternet;
let lab: Lab;

beforeAll(async () => {
  internet = await startServedInternet(SPEC);
});
afterAll(() => internet[Symbol.asyncDispose]());
beforeEach(async () => {
  lab = await startLab({ routes: internet.routes });
});
afterEach(() => lab[Symbol.asyncDispose]());

async function json(...argv: readonly string[]): Promise<Record<string, unknown>> {
  const { status, stdout, stderr } = await lab.run([...argv, '--json']).ended;
  expect({ status, stderr: status === 0 ? '' : stderr }).toEqual({ status: 0, stderr: '' });
  const result: unknown = JSON.parse(stdout);
  return result !== null && typeof result === 'object' ? { ...result } : {};
}

describe('a bundle in a zip', () => {
  it('is built, verified, inspected, installed and converted like any other', async () => {
    const spec = lab.spec(SPEC.replace('SITES', internet.url));
    const { root } = await json('build', spec, '-o', 'lab.tar');
    expect(await json('build', spec, '-o', 'lab.zip')).toMatchObject({ root, path: 'lab.zip' });
    expect(await json('verify', 'lab.zip')).toMatchObject({ root, ok: true, problems: [] });
    expect(await json('inspect', 'lab.zip')).toMatchObject({ root, form: 'zip' });

    const install = async (bundle: string, folder: string): Promise<unknown> =>
      await json('install', bundle, '--files', lab.at(folder), '--registry', `${lab.offline.host}/${folder}`);
    expect(await install('lab.zip', 'from-zip')).toMatchObject({ root });
    expect(await install('lab.tar', 'from-tar')).toMatchObject({ root });
    expect(filesUnder(lab.at('from-zip'))).toEqual(filesUnder(lab.at('from-tar')));
    expect(Object.keys(filesUnder(lab.at('from-zip'))).length).toBeGreaterThan(0);

    expect(await json('convert', 'lab.zip', 'back.tar')).toMatchObject({
      root,
      path: 'back.tar',
      form: 'tar',
    });
    expect(readFileSync(lab.at('back.tar')).equals(readFileSync(lab.at('lab.tar')))).toBe(true);
    expect(await json('convert', 'lab.tar', 'again.zip')).toMatchObject({ root, form: 'zip' });
    expect(readFileSync(lab.at('again.zip')).equals(readFileSync(lab.at('lab.zip')))).toBe(true);
  });

  it('is cut into volumes, and each shape is made of any other', async () => {
    const spec = lab.spec(SPEC.replace('SITES', internet.url));
    const cut = ['--volume-size', '64KiB'];
    const { root } = await json('build', spec, '-o', 'lab.zip', ...cut);
    expect(await json('verify', 'lab.zip.001')).toMatchObject({ root, ok: true });
    await json('convert', 'lab.zip.001', 'lab');
    await json('convert', 'lab', 'lab.tar', ...cut);
    await json('convert', 'lab.tar.001', 'again.zip', ...cut);
    expect(readFileSync(lab.at('again.zip.001')).equals(readFileSync(lab.at('lab.zip.001')))).toBe(true);
  });
});
