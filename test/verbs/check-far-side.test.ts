import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type CheckWish, checkImages } from '../../src/verbs/check.ts';
import { plannedImage } from '../support/planned/items.ts';
import { memoryRegistries } from '../support/registry/memory-registry.ts';
import { sampleBundle } from '../support/samples/sample-bundle.ts';
import { packEntries } from '../support/samples/sample-chart.ts';
import { sampleImage } from '../support/samples/sample-image.ts';
import { NOBODY } from '../support/surroundings.ts';
import { temporaryFolder } from '../support/temporary.ts';

const REGISTRIES = memoryRegistries({
  'registry.lan:5000/rancher/shell:v1': sampleImage({ name: 'shell', platforms: ['linux/amd64'] }),
  'registry.lan:5000/lab/rancher/agent:v1': sampleImage({
    name: 'agent',
    platforms: ['linux/amd64', 'linux/arm64'],
  }),
  'registry.lan:5000/quay.io/team/app:v1': sampleImage({ name: 'app' }),
  'registry.lan:5000/own/thing:v1': sampleImage({ name: 'thing' }),
  'docker.io/library/busybox:1': sampleImage({ name: 'busybox' }),
});
const BUNDLE = sampleBundle([
  plannedImage('docker.io/library/nginx:1.25'),
  plannedImage('quay.io/team/other:v1'),
]);
const SURROUNDINGS = { ...NOBODY, openRegistry: REGISTRIES.registryOf };

/** Returns what is missing of a list, with the files of the other side. */
async function missingOf(
  list: readonly string[],
  wish: Partial<CheckWish> & { readonly registriesYaml?: string } = {},
): Promise<readonly string[]> {
  const { registriesYaml, bundles = [] } = wish;
  using folder = temporaryFolder();
  const at = (name: string): string => join(folder.path, name);
  writeFileSync(at('list.txt'), list.join('\n'));
  writeFileSync(at('lab.tar'), BUNDLE.tar);
  if (registriesYaml !== undefined) writeFileSync(at('registries.yaml'), registriesYaml);
  const result = await checkImages(
    {
      ...wish,
      bundles: bundles.map(at),
      files: [at('list.txt')],
      registriesFile: registriesYaml === undefined ? undefined : at('registries.yaml'),
    },
    SURROUNDINGS,
  );
  return result.missing.map(({ reference, platform = '' }) => `${reference} ${platform}`.trim());
}

describe('check asks the registry over there', () => {
  const registries = ['registry.lan:5000'];

  it('by the names that an install gives images, and by their own', async () => {
    const list = [
      'rancher/shell:v1',
      'quay.io/team/app:v1',
      'registry.lan:5000/own/thing:v1',
      'rancher/agent:v1',
    ];
    expect(await missingOf(list, { registries })).toEqual(['docker.io/rancher/agent:v1']);
  });

  it('and no other one', async () => {
    const before = REGISTRIES.asked.length;
    expect(await missingOf(['busybox:1'], { registries })).toEqual(['docker.io/library/busybox:1']);
    expect(
      REGISTRIES.asked.slice(before).filter((question) => !question.includes('registry.lan:5000')),
    ).toEqual([]);
  });

  it('for each platform', async () => {
    const wish = { registries, platforms: ['linux/amd64', 'linux/arm64'] };
    expect(await missingOf(['rancher/shell:v1', 'registry.lan:5000/lab/rancher/agent:v1'], wish)).toEqual([
      'docker.io/rancher/shell:v1 linux/arm64',
    ]);
  });

  it.each([
    [
      'a mirror with a rewrite',
      'mirrors: {docker.io: {endpoint: ["http://registry.lan:5000"], rewrite: {"^rancher/(.*)": "lab/rancher/$1"}}}\n',
      ['docker.io/rancher/shell:v1', 'quay.io/team/app:v1'],
    ],
    [
      'a mirror with a path',
      'mirrors: {docker.io: {endpoint: ["https://registry.lan:5000/v2/lab"]}}\n',
      ['docker.io/rancher/shell:v1', 'quay.io/team/app:v1'],
    ],
    [
      'a mirror of everything',
      'mirrors: {"*": {endpoint: ["https://registry.lan:5000"]}}\n',
      ['docker.io/rancher/agent:v1', 'quay.io/team/app:v1'],
    ],
    [
      'a mirror elsewhere',
      'mirrors: {docker.io: {endpoint: ["https://other.lan"]}}\n',
      ['docker.io/rancher/agent:v1', 'docker.io/rancher/shell:v1', 'quay.io/team/app:v1'],
    ],
  ])('as the nodes ask: %s', async (_, registriesYaml, expected) => {
    const list = [
      'rancher/shell:v1',
      'rancher/agent:v1',
      'quay.io/team/app:v1',
      'registry.lan:5000/own/thing:v1',
    ];
    expect(await missingOf(list, { registries, registriesYaml })).toEqual(expected);
  });

  it('and looks into the bundles for what is going to be there', async () => {
    const list = [
      'registry.lan:5000/rancher/nginx:1.25',
      'registry.lan:5000/quay.io/team/other:v1',
      'quay.io/team/other:v1',
    ];
    expect(await missingOf(list, { registries, bundles: ['lab.tar'] })).toEqual([]);
    expect(await missingOf(list, { registries })).toEqual([
      'quay.io/team/other:v1',
      'registry.lan:5000/quay.io/team/other:v1',
      'registry.lan:5000/rancher/nginx:1.25',
    ]);
  });
});

describe('check looks at a node over there', () => {
  const config = JSON.stringify({ os: 'linux', architecture: 'amd64' });
  const archive = packEntries([
    { path: 'c.json', content: config },
    {
      path: 'manifest.json',
      content: JSON.stringify([{ Config: 'c.json', RepoTags: ['rancher/mirrored-pause:3.6'], Layers: [] }]),
    },
    {
      path: 'index.json',
      content: JSON.stringify({
        manifests: [
          {
            digest: `sha256:${'a'.repeat(64)}`,
            platform: { os: 'linux', architecture: 'arm64' },
            annotations: { 'io.containerd.image.name': 'docker.io/rancher/shell:v9' },
          },
          {
            digest: `sha256:${'b'.repeat(64)}`,
            annotations: { 'org.opencontainers.image.ref.name': 'UPPER' },
          },
        ],
      }),
    },
  ]);

  it.each(['k3s', 'rke2'])(
    'and counts the archives that %s imports, with their platforms',
    async (product) => {
      using root = temporaryFolder();
      const images = join(root.path, `var/lib/rancher/${product}/agent/images`);
      mkdirSync(images, { recursive: true });
      writeFileSync(join(images, 'airgap.tar.gz'), archive);
      writeFileSync(join(images, 'list.txt'), 'busybox:1\n');
      const list = ['rancher/mirrored-pause:3.6', 'rancher/shell:v9', 'busybox:1'];
      const node = root.path;
      expect(await missingOf(list, { node })).toEqual(['docker.io/library/busybox:1']);
      expect(await missingOf(list, { node, platforms: ['linux/amd64'] })).toEqual([
        'docker.io/library/busybox:1 linux/amd64',
        'docker.io/rancher/shell:v9 linux/amd64',
      ]);
    },
  );

  it('and tells of archives that it cannot read', async () => {
    using root = temporaryFolder();
    const images = join(root.path, 'var/lib/rancher/k3s/agent/images');
    mkdirSync(images, { recursive: true });
    writeFileSync(join(images, 'a.tar'), 'no archive '.repeat(100));
    writeFileSync(join(images, 'b.tar.lz4'), '');
    writeFileSync(join(root.path, 'list.txt'), 'busybox:1\n');
    const findings: string[] = [];
    await checkImages({ bundles: [], files: [join(root.path, 'list.txt')], node: root.path }, SURROUNDINGS, {
      onFinding: ({ message }) => void findings.push(message),
    });
    expect(findings).toHaveLength(2);
    expect(findings.join()).toMatch(/a\.tar.*b\.tar\.lz4/s);
  });
});
