import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Lab, startLab } from '../support/sites/lab.ts';

let lab: Lab;

beforeEach(async () => {
  lab = await startLab();
});
afterEach(() => lab[Symbol.asyncDispose]());

async function build(parts: string): Promise<{ status: number | null; stderr: string; requests: number }> {
  const { status, stderr } = await lab.run(['build', lab.spec(parts), '-o', 'lab.tar']).ended;
  expect(existsSync(lab.at('lab.tar'))).toBe(false);
  return { status, stderr, requests: lab.internet.log.entries.length + lab.sites.requests.length };
}

const DESKTOP = 'rancherDesktop:\n  versions: [v1.30.6+k3s1]\n  platforms: [linux/amd64]\n';
const NODE = 'k3s:\n  versions: [v1.30.6+k3s1]\n  architectures: [amd64]\n';

describe('a build from bad input', () => {
  it('names the line of an unknown key and the key that was meant, and sends no request', async () => {
    const { status, stderr, requests } = await build('imges: [rancher/rancher:v2.9.2]\n');
    expect({ status, requests }).toEqual({ status: 2, requests: 0 });
    expect(stderr).toContain('lab.yaml:3:1');
    expect(stderr).toContain('Did you mean "images"?');
  });

  it('reports every image, version and channel that does not exist in one go', async () => {
    const { status, stderr } = await build(
      `images: [rancher/nothing:v1, rancher/rancher:v0]\nrancherDesktop:\n  versions: [1.30.99, stabel, v1.36.2+k3s1]\n  platforms: [linux/amd64]\nfiles:\n  - url: ${lab.sites.url}/files/missing.tar.gz\n`,
    );
    expect(status).toBe(5);
    for (const name of ['rancher/nothing:v1', 'rancher/rancher:v0', '1.30.99', 'stabel', 'missing.tar.gz']) {
      expect(stderr).toContain(name);
    }
    expect(stderr).toContain('"stable"');
  });

  it('points to the file and line of a list that cannot be read', async () => {
    writeFileSync(lab.at('images.txt'), 'rancher/rancher:v2.9.2\nRancher/Shell:v1\n');
    const { status, stderr } = await build('imageLists: [images.txt]\n');
    expect(status).toBe(2);
    expect(stderr).toContain('images.txt:2');
  });

  it.each([
    ['HTML', 'html'],
    ['404', { status: 404 }],
    ['a login page of another kind', { status: 401, body: 'who are you' }],
    ['a sums file without the line', { withoutLine: ' k3s\n' }],
  ] as const)('says what it got when the sums file answers %s', async (_name, answer) => {
    lab.sites.faults.add({ path: /sha256sum-amd64/, answer });
    const { status, stderr } = await build(DESKTOP);
    expect([3, 4, 5]).toContain(status);
    expect(stderr).toContain('sha256sum-amd64.txt');
  });

  it('names the blob and its origin when what is sent is not what was promised, after tries', async () => {
    lab.sites.faults.add({ path: /k3s-airgap-images-amd64.tar.zst/, method: 'GET', answer: 'wrong-bytes' });
    const { status, stderr } = await build(NODE);
    expect(status).toBe(3);
    expect(stderr).toContain('k3s-airgap-images-amd64.tar.zst');
    expect(stderr).toMatch(/sent 3 times/);
  });

  it('continues over connections that break and hosts that are busy for a while', async () => {
    lab.sites.faults.add({ path: /k3s-airgap/, method: 'GET', times: 1, answer: 'early-close' });
    lab.sites.faults.add({
      path: /v1-release/,
      times: 1,
      answer: { status: 429, headers: { 'retry-after': '1' } },
    });
    lab.sites.faults.add({ path: /install.sh/, times: 1, answer: { status: 500 } });
    const { status, stderr } = await lab.run(['build', lab.spec(`${DESKTOP}${NODE}`), '-o', 'lab.tar']).ended;
    expect({ status, stderr }).toMatchObject({
      status: 0,
      stderr: expect.stringContaining('asks for a pause of 1 s'),
    });
    expect(await lab.run(['verify', 'lab.tar']).ended).toMatchObject({ status: 0 });
  });

  it('finds an output folder that is not there before it asks anybody anything', async () => {
    const spec = lab.spec('images: [rancher/rancher:v2.9.2]\n');
    const { status, stderr } = await lab.run(['build', spec, '-o', 'no/such/lab.tar']).ended;
    expect(status).toBe(6);
    expect(stderr).toContain('no/such');
    expect(lab.internet.log.entries).toEqual([]);
  });
});

describe('an install of a bad bundle', () => {
  it('changes nothing when one bit is wrong, and names the file', async () => {
    const spec = lab.spec(`images: [rancher/rancher:v2.9.2]\n${DESKTOP}`);
    expect(await lab.run(['build', spec, '-o', 'lab.tar']).ended).toMatchObject({ status: 0 });
    const bytes = readFileSync(lab.at('lab.tar'));
    const at = bytes.length - 4096;
    bytes.writeUInt8(bytes.readUInt8(at) ^ 1, at);
    writeFileSync(lab.at('lab.tar'), bytes);
    mkdirSync(lab.at('cache'));
    const { status, stderr } = await lab.run([
      'install',
      'lab.tar',
      '--registry',
      lab.offline.host,
      `--rancher-desktop=${lab.at('cache')}`,
    ]).ended;
    expect(status).toBe(3);
    expect(stderr).toMatch(/blobs\/sha256\/[0-9a-f]{64}/);
    expect(lab.offline.log.entries.filter(({ method }) => !['GET', 'HEAD'].includes(method))).toEqual([]);
    expect(existsSync(lab.at('cache', 'k3s'))).toBe(false);
  });

  it('stops before any change when a registry cannot be reached, and says what to do', async () => {
    const spec = lab.spec(`images: [rancher/rancher:v2.9.2]\n${DESKTOP}`);
    expect(await lab.run(['build', spec, '-o', 'lab.tar']).ended).toMatchObject({ status: 0 });
    const { status, stderr } = await lab.run([
      'install',
      'lab.tar',
      '--registry',
      '127.0.0.1:1',
      `--rancher-desktop=${lab.at('cache')}`,
    ]).ended;
    expect(status).toBe(4);
    expect(stderr).toContain('127.0.0.1:1');
    expect(stderr).toContain('hint: ');
    expect(existsSync(lab.at('cache'))).toBe(false);
  });

  it('says what the registry said when it refuses the push', async () => {
    const spec = lab.spec('images: [rancher/rancher:v2.9.2]\n');
    expect(await lab.run(['build', spec, '-o', 'lab.tar']).ended).toMatchObject({ status: 0 });
    const refusal = { errors: [{ code: 'DENIED', message: 'project rancher is read-only' }] };
    lab.offline.inject({
      on: 'POST upload',
      times: 99,
      action: { type: 'status', status: 403, body: refusal },
    });
    const { status, stderr } = await lab.run(['install', 'lab.tar', '--registry', lab.offline.host]).ended;
    expect([4, 7]).toContain(status);
    expect(stderr).toContain('project rancher is read-only');
  });
});
