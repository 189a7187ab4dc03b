import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { digestOf } from '../../src/oci/digest.ts';
import { type Lab, startLab } from '../support/sites/lab.ts';
import { runShell } from '../support/process/run-main.ts';
import { sampleImage } from '../support/samples/sample-image.ts';

const PARTS = `platforms: [linux/amd64, linux/arm64]
images: [rancher/rancher:v2.9.2, rancher/shell:v0.2.1]
rancherDesktop:
  versions: [stable, 1.31.2]
  platforms: [windows/amd64, darwin/arm64]
  kubectl: minimal
k3s:
  versions: [v1.30.6+k3s1]
  architectures: [amd64, arm64]
`;

interface Host {
  readonly name: string;
  readonly umask: string;
  readonly concurrency: number;
  readonly env: Readonly<Record<string, string>>;
}

/** Hosts that have as little as possible in common. Turkish has an i of its own, and its sorting is another one. */
const HOSTS: readonly Host[] = [
  { name: 'plain', umask: '022', concurrency: 8, env: { TZ: 'UTC', LANG: 'C', LC_ALL: 'C', USER: 'root' } },
  {
    name: 'early',
    umask: '077',
    concurrency: 1,
    env: { TZ: 'Pacific/Kiritimati', LANG: 'tr_TR.UTF-8', LC_ALL: 'tr_TR.UTF-8', USER: 'ayşe' },
  },
  {
    name: 'late',
    umask: '000',
    concurrency: 64,
    env: { TZ: 'America/St_Johns', LANG: 'sv_SE.UTF-8', LC_ALL: 'sv_SE.UTF-8', USER: 'lars', NO_COLOR: '1' },
  },
];

let lab: Lab;

beforeEach(async () => {
  lab = await startLab({ layerBytes: 200_000 });
});
afterEach(() => lab[Symbol.asyncDispose]());

/** Runs the program on a host, in a folder of its own with the spec in it. */
async function runOn(host: Host, line: string): Promise<string> {
  const { umask, concurrency, env } = host;
  const { status, stdout, stderr } = await runShell(`umask ${umask}; ${line} --concurrency ${concurrency}`, {
    cwd: lab.at(host.name),
    env: { HOME: lab.at('home'), XDG_CACHE_HOME: '', XDG_STATE_HOME: '', ...env },
  });
  expect({ status, stderr }).toMatchObject({ status: 0 });
  return stdout.trimEnd().split('\n').at(-1) ?? '';
}

function setUp(host: Host): void {
  mkdirSync(lab.at(host.name));
  const path = lab.spec(`${PARTS}files:\n  - url: ${lab.sites.url}/files/tool.tar.gz\n`);
  writeFileSync(lab.at(host.name, 'lab.yaml'), readFileSync(path));
}

function digestAt(host: Host, file: string): string {
  return digestOf(readFileSync(lab.at(host.name, file)));
}

describe('the same spec and the same upstreams', () => {
  it('give the same lock and the same bundle on hosts that have nothing in common', async () => {
    const roots = await Promise.all(
      HOSTS.map(async (host) => {
        setUp(host);
        return await runOn(host, '$BUNDLE build lab.yaml -o lab.tar');
      }),
    );
    expect(roots[0]).toMatch(/^root sha256:[0-9a-f]{64}$/);
    for (const file of ['lab.tar', 'lab.lock.json'])
      expect(new Set(HOSTS.map((host) => digestAt(host, file))).size).toBe(1);
    expect(new Set(roots).size).toBe(1);
  });
});

describe('the same lock', () => {
  it('gives the same bundle on hosts that have nothing in common, after everything moved upstream', async () => {
    const [plain, ...others] = HOSTS;
    if (plain === undefined) throw new Error('expected a host');
    setUp(plain);
    const root = await runOn(plain, '$BUNDLE build lab.yaml -o lab.tar');
    const platforms = ['linux/amd64', 'linux/arm64'];
    await lab.internet.seed('rancher/rancher', sampleImage({ name: 'moved', platforms }), 'v2.9.2');
    await lab.internet.seed('rancher/shell', sampleImage({ name: 'moved too', platforms }), 'v0.2.1');
    lab.sites.faults.add({ path: /v1-release|\/repos\/|stable-/, answer: { status: 404 } });
    for (const host of others) {
      setUp(host);
      writeFileSync(
        lab.at(host.name, 'lab.lock.json'),
        // As git checks it out on Windows.
        readFileSync(lab.at(plain.name, 'lab.lock.json'), 'utf8').replaceAll('\n', '\r\n'),
      );
      expect(await runOn(host, '$BUNDLE build lab.yaml -o lab.tar --locked')).toBe(root);
      expect(digestAt(host, 'lab.tar')).toBe(digestAt(plain, 'lab.tar'));
    }
    const live = await runShell('$BUNDLE build lab.yaml -o live.tar', { cwd: lab.at(plain.name) });
    expect(live.status).not.toBe(0);
  });

  it('is told on stderr what moved, by name, and the lock is renewed', async () => {
    const [host] = HOSTS;
    if (host === undefined) throw new Error('expected a host');
    setUp(host);
    await runOn(host, '$BUNDLE lock lab.yaml');
    const before = digestAt(host, 'lab.lock.json');
    const moved = sampleImage({ name: 'moved', platforms: ['linux/amd64'], index: true });
    await lab.internet.seed('rancher/shell', moved, 'v0.2.1');
    const { stdout, stderr } = await runShell('$BUNDLE lock lab.yaml --json', { cwd: lab.at(host.name) });
    expect(stderr).toMatch(
      new RegExp(
        `warning: Image "docker.io/rancher/shell:v0.2.1" moved: was "sha256:[0-9a-f]{64}", is "${moved.root.digest}"`,
      ),
    );
    expect(JSON.parse(stdout)).toMatchObject({ path: 'lab.lock.json', added: 0, removed: 0, changed: 1 });
    expect(digestAt(host, 'lab.lock.json')).not.toBe(before);
  });
});
