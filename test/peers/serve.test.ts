import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, type TestContext } from 'vitest';
import { digestOf } from '../../src/oci/digest.ts';
import { startContainerd } from '../support/peers/containerd.ts';
import { startDockerEngine } from '../support/peers/dockerd.ts';
import { requirePeer } from '../support/peers/peers.ts';
import { plannedImage } from '../support/planned/items.ts';
import { type Serving, startServing } from '../support/sites/serving.ts';
import { fileSample, k3sSample, kubectlSample } from '../support/samples/target-samples.ts';
import { temporaryFolder } from '../support/temporary.ts';

const run = promisify(execFile);
const TAG = 'v1.30.6+k3s1';
const single = plannedImage('docker.io/rancher/rancher:v2.9.2', { layers: 3, layerBytes: 300_000 });
const official = plannedImage('docker.io/library/busybox:1.36', { format: 'docker' });
const index = plannedImage('quay.io/jetstack/multi:v1', { platforms: ['linux/amd64', 'linux/arm64'] });
const IMAGES = [single, official, index];

const folder = temporaryFolder();
let serving: Serving;
beforeAll(async () => {
  const others = [k3sSample(TAG), kubectlSample('1.30.6', 'linux/amd64'), fileSample('tool.bin')];
  serving = await startServing({ bundles: [[...IMAGES, ...others]] });
});
afterAll(async () => {
  await serving[Symbol.asyncDispose]();
  folder[Symbol.dispose]();
});

describe('skopeo', () => {
  it('copies a whole index from it, every byte right', async (context) => {
    const target = join(folder.path, 'skopeo');
    const from = `docker://${serving.host}/quay.io/jetstack/multi:v1`;
    const skopeo = requirePeer(context, 'skopeo');
    await run(skopeo, ['copy', '--all', '--src-tls-verify=false', from, `oci:${target}:v1`]);
    for (const { descriptor, bytes } of index.contents) {
      const copied = readFileSync(join(target, 'blobs', 'sha256', descriptor.digest.slice(7)));
      expect(copied.equals(bytes)).toBe(true);
    }
  });

  it('lists the tags of a repository', async (context) => {
    const skopeo = requirePeer(context, 'skopeo');
    const { stdout } = await run(skopeo, [
      'list-tags',
      '--tls-verify=false',
      `docker://${serving.host}/rancher/rancher`,
    ]);
    expect(JSON.parse(stdout)).toMatchObject({ Tags: ['v2.9.2'] });
  });
});

describe('podman', () => {
  it('pulls from it under the name that an install would give', async (context) => {
    const program = requirePeer(context, 'podman');
    const store = ['--root', join(folder.path, 'root'), '--runroot', join(folder.path, 'run')];
    const podman = async (...args: readonly string[]): Promise<string> =>
      (await run(program, [...store, '--storage-driver', 'vfs', ...args])).stdout.trim();
    const name = `${serving.host}/rancher/busybox:1.36`;
    await podman('pull', '--tls-verify=false', name);
    const format = ['--format', '{{.Digest}}'];
    expect(await podman('image', 'inspect', ...format, name)).toBe(official.planned.item.descriptor.digest);
  });
});

describe('containerd', () => {
  it('pulls by the names of this server', async (context) => {
    await using daemon = await startContainerd(context);
    const name = `${serving.host}/rancher/rancher:v2.9.2`;
    await daemon.ctr('images', 'pull', '--plain-http', '--snapshotter', 'native', name);
    expect(await daemon.ctr('images', 'ls')).toContain(single.planned.item.descriptor.digest);
  });

  it('pulls every image under its original name when one line makes this server the mirror of all', async (context) => {
    await using daemon = await startContainerd(context);
    const hosts = mirrorOfAll();
    for (const { planned } of IMAGES) {
      const { name, descriptor } = planned.item;
      await daemon.ctr('images', 'pull', '--hosts-dir', hosts, '--snapshotter', 'native', name);
      const listed = await daemon.ctr('images', 'ls', `name==${name}`);
      expect(listed).toContain(descriptor.digest);
    }
    const asked = serving.accesses.map(({ target }) => target);
    expect(asked).toContain('/v2/rancher/rancher/manifests/v2.9.2?ns=docker.io');
  });

  it('is not given the image of another host under a name that is not served', async (context) => {
    await using daemon = await startContainerd(context);
    const pull = ['images', 'pull', '--hosts-dir', mirrorOfAll(), '--snapshotter', 'native'];
    await expect(daemon.ctr(...pull, 'ghcr.invalid/rancher/rancher:v2.9.2')).rejects.toThrow(/ghcr\.invalid/);
  });

  /** What K3s makes of `mirrors: {"*": {endpoint: [URL]}}`. */
  function mirrorOfAll(): string {
    const hosts = join(folder.path, 'certs.d');
    mkdirSync(join(hosts, '_default'), { recursive: true });
    const capabilities = 'capabilities = ["pull", "resolve"]';
    writeFileSync(join(hosts, '_default', 'hosts.toml'), `[host."${serving.url}"]\n  ${capabilities}\n`);
    return hosts;
  }
});

describe('docker', () => {
  it('pulls from it, and by original names when it is the mirror of Docker Hub', async (context) => {
    await using engine = await startDockerEngine(context, ['--registry-mirror', serving.url]);
    for (const [name, sample] of [
      [`${serving.host}/rancher/rancher:v2.9.2`, single],
      ['busybox:1.36', official],
    ] as const) {
      await engine.docker('pull', '--quiet', name);
      const digests = await engine.docker('image', 'inspect', '--format', '{{.RepoDigests}}', name);
      expect(digests).toContain(sample.planned.item.descriptor.digest);
    }
  });
});

describe('curl', () => {
  const { bytes, descriptor } = single.contents.find((content) => content.bytes.length > 200_000) ?? {
    bytes: new Uint8Array(),
    descriptor: single.planned.item.descriptor,
  };

  it('continues a download where it broke off', async (context) => {
    const out = join(folder.path, 'layer');
    writeFileSync(out, bytes.subarray(0, 123_456));
    await curl(context, '-C', '-', '-o', out, `${serving.url}/v2/rancher/rancher/blobs/${descriptor.digest}`);
    expect(digestOf(readFileSync(out))).toBe(descriptor.digest);
  });

  it('gets parts of a blob', async (context) => {
    const url = `${serving.url}/v2/rancher/rancher/blobs/${descriptor.digest}`;
    const part = await curl(context, '-r', '1000-1999', url);
    expect(Buffer.from(bytes.subarray(1000, 2000)).equals(part)).toBe(true);
  });

  it('resolves a channel as install.sh does, and gets what it then asks for', async (context) => {
    const url = `${serving.url}/v1-release/channels/stable`;
    const effective = await curl(context, '-w', '%{url_effective}', '-L', '-S', '-o', '/dev/null', url);
    const version = effective.toString().replace(/.*\//, '');
    expect(version).toBe(TAG);
    const base = `${serving.url}/k3s-io/k3s/releases/download/${version.replace('+', '%2B')}`;
    const binary = await curl(context, `${base}/k3s`);
    const sums = (await curl(context, `${base}/sha256sum-amd64.txt`)).toString();
    expect(sums).toContain(`${digestOf(binary).slice(7)}  k3s\n`);
  });

  async function curl(context: TestContext, ...args: readonly string[]): Promise<Buffer> {
    const options = { encoding: 'buffer', maxBuffer: 16 * 1024 * 1024 } as const;
    return (await run(requirePeer(context, 'curl'), ['-f', '-s', ...args], options)).stdout;
  }
});
