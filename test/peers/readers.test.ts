import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { planBundle } from '../../src/bundle/plan/plan.ts';
import { writeBundle } from '../../src/bundle/write/write.ts';
import { digestOf } from '../../src/oci/digest.ts';
import { decodeManifest } from '../../src/oci/manifest.ts';
import { isManifestType } from '../../src/oci/media-type.ts';
import { startContainerd } from '../support/peers/containerd.ts';
import { startDockerEngine } from '../support/peers/dockerd.ts';
import { requirePeer } from '../support/peers/peers.ts';
import {
  plannedAs,
  plannedFile,
  plannedImage,
  plannedK3s,
  plannedKubectl,
  sampleSource,
} from '../support/planned/items.ts';
import { sampleImage } from '../support/samples/sample-image.ts';
import { sampleIndex } from '../support/samples/sample-index.ts';
import { temporaryFolder } from '../support/temporary.ts';

const run = promisify(execFile);

const single = plannedImage('docker.io/rancher/rancher:v2.9.2', { layers: 3, sharedLayers: ['base'] });
const docker = plannedImage('docker.io/library/old:1', { format: 'docker' });
const index = plannedImage('quay.io/jetstack/multi:v1', {
  platforms: ['linux/arm64', 'linux/amd64', 'windows/amd64'],
  sharedLayers: ['base'],
});
const dockerList = plannedImage('docker.io/rancher/list:v1', {
  format: 'docker',
  platforms: ['linux/arm64', 'linux/amd64'],
});
// As buildx makes it of images that others pushed.
const mixed = plannedAs(
  'docker.io/rancher/mixed:v1',
  sampleIndex(
    ['arm64', 'amd64'].map((architecture) => ({
      image: sampleImage({ name: 'mixed', format: 'docker', platforms: [`linux/${architecture}`] }),
      platform: { os: 'linux', architecture },
    })),
  ),
);
const pinned = plannedImage(`docker.io/library/pinned@${digestOf('pinned')}`);
const tagged = plannedImage(`docker.io/library/both:3@${digestOf('both')}`);
const IMAGES = [single, docker, index, dockerList, mixed, pinned, tagged];
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
  const DOCKER_ROOTS = [docker, dockerList];
  const inLayout = IMAGES.filter((sample) => !DOCKER_ROOTS.includes(sample));

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

  // containers/image 5.34.3, of skopeo 1.18, takes only the OCI types in a layout; 5.36.2 takes both (`oci/layout/oci_transport.go`).
  it.for(DOCKER_ROOTS.map((sample) => [sample.planned.item.name, sample] as const))(
    'and finds %s, of the media types of Docker, from mid-2025 on, and not before',
    async ([name, sample], context) => {
      const skopeo = requirePeer(context, 'skopeo');
      const { stdout: version } = await run(skopeo, ['--version']);
      const [, minor = ''] = /version 1\.(\d+)/.exec(version) ?? [];
      const found = await run(skopeo, ['inspect', '--raw', `oci-archive:${tar}:${name}`]).then(
        ({ stdout }) => digestOf(stdout),
        String,
      );
      const { digest } = sample.planned.item.descriptor;
      expect(found).toContain(Number(minor) < 19 ? 'no descriptor found for reference' : digest);
    },
  );

  it.for([index, mixed].map((sample) => [sample.planned.item.name, sample] as const))(
    'and copies the whole index %s out of it, every layer right',
    async ([name, { planned, contents }], context) => {
      using copy = temporaryFolder();
      const from = `oci-archive:${tar}:${name}`;
      const to = `dir:${copy.path}`;
      await run(requirePeer(context, 'skopeo'), ['copy', '--all', from, to]);
      const root = readFileSync(join(copy.path, 'manifest.json'));
      expect(digestOf(root)).toBe(planned.item.descriptor.digest);
      for (const { descriptor, bytes } of contents.slice(0, -1)) {
        const hex = descriptor.digest.slice(7);
        const file = isManifestType(descriptor.mediaType) ? `${hex}.manifest.json` : hex;
        expect(readFileSync(join(copy.path, file)).equals(bytes)).toBe(true);
      }
    },
  );

  it.for([single, docker, index, dockerList, mixed].map(({ planned }) => planned.item.name))(
    'and copies %s out of it as an archive of Docker, for amd64',
    async (name, context) => {
      using copy = temporaryFolder();
      const skopeo = requirePeer(context, 'skopeo');
      await run(skopeo, ['copy', `docker-archive:${tar}:${name}`, `dir:${copy.path}`]);
      const copied = decodeManifest(readFileSync(join(copy.path, 'manifest.json')));
      if (copied.type === 'index') throw new Error('expected one image');
      const config: unknown = JSON.parse(
        readFileSync(join(copy.path, copied.config.digest.slice(7)), 'utf8'),
      );
      expect(config).toMatchObject({
        architecture: 'amd64',
        os: 'linux',
        // Layers come out as the plain tars that the config counts.
        rootfs: { diff_ids: copied.layers.map(({ digest }) => digest) },
      });
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
      'docker.io/rancher/list:v1',
      'docker.io/rancher/mixed:v1',
      'docker.io/rancher/rancher:v2.9.2',
      'quay.io/jetstack/multi:v1',
    ]);
    for (const { planned } of [index, docker, dockerList, mixed]) {
      const asked = ['--format', '{{.Os}}/{{.Architecture}}', planned.item.name];
      expect(await podman('image', 'inspect', ...asked)).toBe('linux/amd64');
    }
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
    for (const { planned } of [index, docker, dockerList, mixed]) {
      const line = checked.split('\n').find((text) => text.startsWith(planned.item.name));
      expect(line).toMatch(/ complete .* true/);
    }
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
      'rancher/list:v1',
      'rancher/mixed:v1',
      'rancher/rancher:v2.9.2',
    ]);
    const name = index.planned.item.name;
    const inspected = await engine.docker('image', 'inspect', '--format', '{{.Os}}/{{.Architecture}}', name);
    expect(inspected.trim()).toBe('linux/amd64');
  });
});
