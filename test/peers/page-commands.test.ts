import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { overviewOf } from '../../src/serve/holdings/overview.ts';
import { addressOf } from '../../src/page/address.ts';
import { clientsOf } from '../../src/page/clients.ts';
import { startContainerd } from '../support/peers/containerd.ts';
import { startDockerEngine } from '../support/peers/dockerd.ts';
import { requirePeer } from '../support/peers/peers.ts';
import { plannedImage } from '../support/planned/items.ts';
import { type Serving, startServing } from '../support/sites/serving.ts';
import { artifactSample, fileSample, k3sFiles } from '../support/samples/target-samples.ts';
import { temporaryFolder } from '../support/temporary.ts';

const run = promisify(execFile);
const TAG = 'v1.30.6+k3s1';
/** Downloads what K3s's own script downloads, from where that would look for it. */
const INSTALL = `set -e
tag=$(printf %s "$INSTALL_K3S_VERSION" | sed 's/+/%2B/')
curl -fsSL -o sums "$INSTALL_K3S_ARTIFACT_URL/$tag/sha256sum-amd64.txt"
curl -fsSL -o k3s "$GITHUB_URL/download/$INSTALL_K3S_VERSION/k3s"
grep ' k3s$' sums | sha256sum -c
`;
const hub = plannedImage('docker.io/rancher/rancher:v2.9.2');
const quay = plannedImage('quay.io/jetstack/cert-manager-controller:v1.15.3');
const release = artifactSample({ kind: 'k3s', name: TAG, architectures: ['amd64'], audience: ['k3s-node'] }, [
  ...k3sFiles(TAG, { without: ['install.sh'] }),
  { name: 'install.sh', bytes: Buffer.from(INSTALL) },
]);

const folder = temporaryFolder();
let serving: Serving;
beforeAll(async () => {
  serving = await startServing({ bundles: [[hub, quay, release, fileSample('tool.bin')]] });
});
afterAll(async () => {
  await serving[Symbol.asyncDispose]();
  folder[Symbol.dispose]();
});

describe('the commands of the page', () => {
  it('let containerd pull every image under its original name', async (context) => {
    await using daemon = await startContainerd(context);
    const [hosts = ''] = await commandsOf('containerd');
    mkdirSync(join(folder.path, 'certs.d', '_default'), { recursive: true });
    const text = /<<'EOF'\n([\s\S]*)EOF$/.exec(hosts)?.[1] ?? '';
    writeFileSync(join(folder.path, 'certs.d', '_default', 'hosts.toml'), text);
    for (const { planned } of [hub, quay]) {
      const { name, descriptor } = planned.item;
      const options = ['--hosts-dir', join(folder.path, 'certs.d'), '--snapshotter', 'native'];
      await daemon.ctr('images', 'pull', ...options, name);
      expect(await daemon.ctr('images', 'ls', `name==${name}`)).toContain(descriptor.digest);
    }
  });

  it('let Docker pull images of Docker Hub by their names, and others by their names here', async (context) => {
    const [settings = '', , byName = '', byNameHere = ''] = await commandsOf('docker');
    const path = join(folder.path, 'daemon.json');
    writeFileSync(path, settings);
    await using engine = await startDockerEngine(context, ['--config-file', path]);
    for (const [command, sample] of [
      [byName, hub],
      [byNameHere, quay],
    ] as const) {
      const [program, pull = '', name = ''] = command.split(' ');
      expect([program, pull]).toEqual(['docker', 'pull']);
      await engine.docker(pull, '--quiet', name);
      const digests = await engine.docker('image', 'inspect', '--format', '{{.RepoDigests}}', name);
      expect(digests).toContain(sample.planned.item.descriptor.digest);
    }
  });

  it('run the script of K3s, which downloads and checks the release from here', async (context) => {
    requirePeer(context, 'curl');
    const [, install = ''] = await commandsOf('k3s-install');
    const { stdout } = await run('sh', ['-e', '-c', install], { cwd: folder.path });
    expect(stdout).toContain('k3s: OK');
    expect(readFileSync(join(folder.path, 'install.sh'), 'utf8')).toBe(INSTALL);
  });

  it('download a file and check it', async (context) => {
    requirePeer(context, 'curl');
    const [command = ''] = await commandsOf('download');
    const { stdout } = await run('sh', ['-e', '-c', command], { cwd: folder.path });
    expect(stdout).toMatch(/: OK\n$/);
  });

  async function commandsOf(id: string): Promise<readonly string[]> {
    const overview = await overviewOf(serving.service.library);
    const clients = clientsOf({ overview, address: addressOf(serving.url), hasPassword: false });
    const steps = clients.find((client) => client.id === id)?.steps ?? [];
    return steps.flatMap(({ command }) => command ?? []);
  }
});
