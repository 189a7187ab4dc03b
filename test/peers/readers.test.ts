import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { planBundle } from '../../src/bundle/plan/plan.ts';
import { writeBundle } from '../../src/bundle/write/write.ts';
import { digestOf } from '../../src/oci/digest.ts';
import { startContainerd } from '../support/peers/containerd.ts';
import { startDockerEngine } from '../support/peers/dockerd.ts';
import { requirePeer } from '../support/peers/peers.ts';
import {
  plannedFile,
  plannedImage,
  plannedK3s,
  plannedKubectl,
  sampleSource,
} from '../support/planned/items.ts';
import { temporaryFolder } from '../support/temporary.ts';

const run = promisify(execFile);

const single = plannedImage('docker.io/rancher/rancher:v2.9.2', { layers: 3, sharedLayers: ['base'] });
const docker = plannedImage('docker.io/library/old:1', { format: 'docker' });
const index = plannedImage('quay.io/jetstack/multi:v1', {
  platforms: ['linux/arm64', 'linux/amd64', 'windows/amd64'],
  sharedLayers: ['base'],
});
const pinned = plannedImage(`docker.io/library/pinned@${digestOf('pinned')}`);
const tagged = plannedImage(`docker.io/library/both:3@${digestOf('both')}`);
const IMAGES = [single, docker, index, pinned, tagged];
const SAMPLES = [
  ...IMAGES,
  plannedFile('tool.txt'),
  plannedK3s('v1.30.6+k3s1'),
  plannedKubectl('1.30.6', 'linux/amd64'),
];

const folder = temporaryFolder();
const tar = join(folder.path, 'lab.tar');

beforeAll(async () => {
  const plan = planBundle(
    'lab',
    SAMPLES.map(({ planned }) => planned),
  );
  await writeBundle(plan, sampleSource(SAMPLES), { path: tar });
});
afterAll(() => folder[Symbol.dispose]());

describe('skopeo reads the tar as it is', () => {
  // Of a layout, skopeo 1.9 knows the media types of OCI only.
  const inLayout = IMAGES.filter((sample) => sample !== docker);

  it.for(inLayout.map((sample) => [sample.planned.item.name, sample] as const))(
    'and finds %s under its full name, with its digest',
    async ([name, sample], context) => {
      const { stdout } = await run(requirePeer(context, 'skopeo'), [
        'inspect',
        '--raw',
        `oci-archive:${tar}:${name}`,
      ]);
      expect(digestOf(stdout)).toBe(sample.planned.item.descriptor.digest);
    },
  );

  it('and copies a whole index out of it, every layer right', async (context) => {
    const copy = join(folder.path, 'copy');
    mkdirSync(copy);
    const from = `oci-archive:${tar}:${index.planned.item.name}`;
    await run(requirePeer(context, 'skopeo'), ['copy', '--all', from, `oci:${copy}:x`]);
    const layout: unknown = JSON.parse(readFileSync(join(copy, 'index.json'), 'utf8'));
    expect(layout).toMatchObject({ manifests: [{ digest: index.planned.item.descriptor.digest }] });
    for (const { descriptor, bytes } of index.contents) {
      const copied = readFileSync(join(copy, 'blobs', 'sha256', descriptor.digest.slice(7)));
      expect(copied.equals(bytes)).toBe(true);
    }
  });

  it.for([single, docker, index].map(({ planned }) => planned.item.name))(
    'and finds %s in it as an archive of Docker, too',
    async (name, context) => {
      const skopeo = requirePeer(context, 'skopeo');
      const { stdout } = await run(skopeo, ['inspect', '--config', `docker-archive:${tar}:${name}`]);
      expect(JSON.parse(stdout)).toMatchObject({ architecture: 'amd64', os: 'linux' });
    },
  );
});

describe('podman loads the tar as it is', () => {
  it('and has every image under its tag afterwards, and nothing of the artifacts', async (context) => {
    const program = requirePeer(context, 'podman');
    const store = ['--root', join(folder.path, 'root'), '--runroot', join(folder.path, 'run')];
    const podman = async (...args: readonly string[]): Promise<string> => {
      const { stdout } = await run(program, [...store, '--storage-driver', 'vfs', ...args]);
      return stdout.trim();
    };
    await podman('load', '--input', tar);
    const images = await podman('images', '--format', '{{.Repository}}:{{.Tag}}');
    expect(images.split('\n').toSorted()).toEqual([
      // Docker's form has no place for a digest in a name.
      '<none>:<none>',
      'docker.io/library/both:3',
      'docker.io/library/old:1',
      'docker.io/rancher/rancher:v2.9.2',
      'quay.io/jetstack/multi:v1',
    ]);
    const name = index.planned.item.name;
    expect(await podman('image', 'inspect', '--format', '{{.Os}}/{{.Architecture}}', name)).toBe(
      'linux/amd64',
    );
  });
});

describe('containerd imports the tar as it is', () => {
  it('and has every image under its full name and with its digest, and nothing of the artifacts', async (context) => {
    await using daemon = await startContainerd(context);
    await daemon.ctr('images', 'import', '--snapshotter', 'native', tar);
    const listed = (await daemon.ctr('images', 'ls')).trim().split('\n').slice(1);
    const found = listed.map((line) => line.split(/ +/)).map(([name, , digest]) => `${name} ${digest}`);
    const wanted = IMAGES.map(({ planned: { item } }) => `${item.name} ${item.descriptor.digest}`);
    expect(found.toSorted()).toEqual(wanted.toSorted());
  });

  it('and unpacks what it imports, for every platform of an index', async (context) => {
    await using daemon = await startContainerd(context);
    await daemon.ctr('images', 'import', '--snapshotter', 'native', '--all-platforms', tar);
    const checked = await daemon.ctr('images', 'check', '--snapshotter', 'native');
    const line = checked.split('\n').find((text) => text.startsWith(index.planned.item.name));
    expect(line).toMatch(/ complete .* true/);
  });
});

describe('docker loads the tar as it is', () => {
  it('and has every image under its tag afterwards, and nothing of the artifacts', async (context) => {
    await using engine = await startDockerEngine(context);
    await engine.docker('load', '--input', tar);
    const images = await engine.docker('images', '--format', '{{.Repository}}:{{.Tag}}');
    expect(images.trim().split('\n').toSorted()).toEqual([
      '<none>:<none>',
      'both:3',
      'old:1',
      'quay.io/jetstack/multi:v1',
      'rancher/rancher:v2.9.2',
    ]);
    const name = index.planned.item.name;
    const inspected = await engine.docker('image', 'inspect', '--format', '{{.Os}}/{{.Architecture}}', name);
    expect(inspected.trim()).toBe('linux/amd64');
  });
});
