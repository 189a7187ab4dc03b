import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { digestOf } from '../../src/oci/digest.ts';
import { MANIFEST_MEDIA_TYPES } from '../../src/oci/media-type.ts';
import { type Lab, LAB_IMAGES, startLab } from '../support/sites/lab.ts';
import { type ServedInternet, startServedInternet } from '../support/sites/served-internet.ts';
import { namesUnder } from '../support/tree.ts';

/** Everything the contract's spec can ask for in one. */
const EVERYTHING = `platforms: [linux/amd64]
images:
  - rancher/rancher:v2.9.2
  - reference: rancher/shell:v0.2.1
    platforms: [linux/amd64, linux/arm64]
imageLists: [./images.txt]
rancherDesktop:
  versions: [v1.30.6+k3s1, 1.31.2, stable]
  platforms: [windows/amd64, darwin/arm64, linux/amd64]
k3s:
  versions: [v1.30.6+k3s1]
  architectures: [amd64, arm64]
kubectl:
  versions: [1.29.3]
  platforms: [linux/amd64]
files:
  - url: SITES/files/tool.tar.gz
`;

const ACCEPT = { headers: { accept: MANIFEST_MEDIA_TYPES.join(', ') } };

/** More than any spec here asks for. */
const INTERNET = `platforms: [linux/amd64, linux/arm64]
images: [${LAB_IMAGES.join(', ')}]
rancherDesktop:
  versions: [v1.36.3+k3s1, v1.31.2+k3s2, v1.30.6+k3s1, v1.24.17+k3s1]
  platforms: [windows/amd64, darwin/arm64, linux/amd64]
k3s:
  versions: [v1.30.6+k3s1]
  architectures: [amd64, arm64]
kubectl:
  versions: [1.29.3]
  platforms: [linux/amd64]
files:
  - url: SITES/files/tool.tar.gz
`;

let internet: ServedInternet;
let lab: Lab;

beforeAll(async () => {
  internet = await startServedInternet(INTERNET);
});
afterAll(() => internet[Symbol.asyncDispose]());
beforeEach(async () => {
  lab = await startLab({ routes: internet.routes });
  writeFileSync(
    lab.at('images.txt'),
    '# from Rancher\r\nrancher/mirrored-pause:3.6\r\n\r\nrancher/rancher:v2.9.2',
  );
});
afterEach(() => lab[Symbol.asyncDispose]());

const everything = (): string => lab.spec(EVERYTHING.replace('SITES', internet.url));

async function json(argv: readonly string[]): Promise<Record<string, unknown>> {
  const { status, stdout, stderr } = await lab.run([...argv, '--json']).ended;
  expect({ status, stderr: status === 0 ? '' : stderr }).toEqual({ status: 0, stderr: '' });
  const result: unknown = JSON.parse(stdout);
  return result !== null && typeof result === 'object' ? { ...result } : {};
}

describe('the main job', () => {
  it('goes from a spec to a proven install in two commands, and the second one twice changes nothing', async () => {
    const built = await json(['build', everything(), '-o', 'lab.tar']);
    expect(built).toMatchObject({ path: 'lab.tar', root: expect.stringMatching(/^sha256:/) });
    expect(await json(['verify', 'lab.tar'])).toMatchObject({ ok: true, root: built['root'], problems: [] });

    const targets = [
      '--registry',
      lab.offline.host,
      '--rancher-desktop',
      '--kuberlr',
      '--files',
      lab.at('files'),
    ];
    const host = ['--host-platform', 'linux/amd64'];
    const first = await json(['install', 'lab.tar', ...targets, ...host]);
    expect(outcomes(first)).toEqual(['placed', 'pushed']);
    expect(
      namesUnder(lab.at('home')).filter((path) => /k3s$|sums|sha256sum|kubectl|versions/.test(path)),
    ).toEqual([
      '.cache/rancher-desktop/k3s',
      '.cache/rancher-desktop/k3s-versions.json',
      '.cache/rancher-desktop/k3s/v1.30.6+k3s1/k3s',
      '.cache/rancher-desktop/k3s/v1.30.6+k3s1/sha256sum-amd64.txt',
      '.cache/rancher-desktop/k3s/v1.31.2+k3s2/k3s',
      '.cache/rancher-desktop/k3s/v1.31.2+k3s2/sha256sum-amd64.txt',
      '.cache/rancher-desktop/k3s/v1.36.3+k3s1/k3s',
      '.cache/rancher-desktop/k3s/v1.36.3+k3s1/sha256sum-amd64.txt',
      '.kuberlr/linux-amd64/kubectl1.29.3',
      '.kuberlr/linux-amd64/kubectl1.30.6',
      '.kuberlr/linux-amd64/kubectl1.31.2',
      '.kuberlr/linux-amd64/kubectl1.36.3',
    ]);
    expect(messages(first)).toContain('Rancher Desktop will accept v1.30.6+k3s1');
    expect(messages(first)).toContain('kuberlr will use kubectl1.36.3 for K3s v1.36.3+k3s1');
    expect(readFileSync(lab.at('files', 'tool.tar.gz'), 'utf8')).toBe('a tool, packed\n');

    const second = await json(['install', 'lab.tar', ...targets, ...host]);
    expect(outcomes(second)).toEqual(['present']);
    const text = await lab.run(['install', 'lab.tar', ...targets, ...host]).ended;
    expect(text.stdout).toContain('Nothing to do');
  });

  it.each([
    ['windows/amd64', ['k3s', 'k3s-airgap-images-amd64.tar.zst'], ['windows-amd64/kubectl1.36.3.exe']],
    [
      'darwin/arm64',
      ['k3s-airgap-images-arm64.tar.zst', 'k3s-arm64'],
      ['darwin-amd64/kubectl1.36.3', 'darwin-arm64/kubectl1.36.3'],
    ],
  ])('prepares folders for a %s desktop from this host', async (platform, cached, clients) => {
    await json(['build', everything(), '-o', 'lab.tar']);
    const folders = [`--rancher-desktop=${lab.at('cache')}`, `--kuberlr=${lab.at('kuberlr')}`];
    await json(['install', 'lab.tar', ...folders, '--host-platform', platform]);
    expect(
      namesUnder(lab.at('cache', 'k3s', 'v1.36.3+k3s1')).filter((name) => name.startsWith('k3s')),
    ).toEqual(cached);
    expect(namesUnder(lab.at('kuberlr')).filter((path) => path.includes('1.36.3'))).toEqual(clients);
  });

  it('pushes each image as it is upstream, under the name that Rancher asks for', async () => {
    await json(['build', everything(), '-o', 'lab.tar']);
    await json(['install', 'lab.tar', '--registry', `${lab.offline.host}/mirror`]);
    for (const name of LAB_IMAGES) {
      const [repository, tag] = name.split(':');
      const pushed = await fetch(`${lab.offline.url}/v2/mirror/${repository}/manifests/${tag}`, ACCEPT);
      const bytes = new Uint8Array(await pushed.arrayBuffer());
      const digest = digestOf(bytes);
      expect(pushed.headers.get('docker-content-digest')).toBe(digest);
      // One platform was asked for: that manifest, byte for byte. Two make the whole index here.
      const upstream = await fetch(`${internet.url}/v2/${repository}/manifests/${digest}`, ACCEPT);
      expect(upstream.status).toBe(200);
    }
  });

  it('says what a build and an install would do, and does nothing of it', async () => {
    const spec = everything();
    const planned = await lab.run(['build', spec, '-o', 'lab.tar', '--dry-run']).ended;
    expect(planned).toMatchObject({ status: 0, stdout: expect.stringContaining('rancher/rancher:v2.9.2') });
    expect(planned.stdout).toMatch(/free/);
    expect(namesUnder(lab.at('.')).filter((path) => path.includes('.tar'))).toEqual([]);

    await json(['build', spec, '-o', 'lab.tar']);
    const before = namesUnder(lab.at('home'));
    const rehearsed = await json([
      'install',
      'lab.tar',
      '--rancher-desktop',
      '--registry',
      lab.offline.host,
      '--dry-run',
    ]);
    expect(outcomes(rehearsed)).toEqual(['planned']);
    expect(namesUnder(lab.at('home'))).toEqual(before);
    expect(lab.offline.log.entries.filter(({ method }) => !['GET', 'HEAD'].includes(method))).toEqual([]);
  });

  it('warns of what no one else does: the pause image, and versions that Rancher Desktop has given up', async () => {
    const spec = lab.spec(
      'rancherDesktop:\n  versions: [v1.36.3+k3s1, v1.24.17+k3s1]\n  platforms: [linux/amd64]\n',
    );
    const { status, stderr } = await lab.run(['build', spec, '-o', 'lab.tar']).ended;
    expect(status).toBe(0);
    expect(stderr).toMatch(/warning: .*v1\.36\.3\+k3s1.*mirrored-pause:3\.6/);
    expect(stderr).toMatch(/warning: .*v1\.24\.17\+k3s1.*1\.25\.3/);
    expect(stderr).toContain('hint: ');
  });
});

function outcomes(result: Record<string, unknown>): readonly string[] {
  return [...new Set(fieldOf(result['actions'], 'outcome'))].sort();
}

function messages(result: Record<string, unknown>): readonly string[] {
  return fieldOf(result['findings'], 'message');
}

function fieldOf(list: unknown, name: string): readonly string[] {
  if (!Array.isArray(list)) return [];
  return list.map((entry: unknown) =>
    typeof entry === 'object' && entry !== null ? String(Reflect.get(entry, name)) : '',
  );
}
