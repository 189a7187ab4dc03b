import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openBundle } from '../../src/bundle/open.ts';
import { SPEC_TEMPLATE } from '../../src/cli/commands/init.ts';
import { streamOf } from '../../src/internal/bytes.ts';
import { buildBundle } from '../../src/verbs/build.ts';
import { specFrom } from '../../src/verbs/init.ts';
import { sampleImage } from '../support/samples/sample-image.ts';
import { type Lab, startLab } from '../support/sites/lab.ts';
import { NOBODY } from '../support/surroundings.ts';
import { thrownBy } from '../support/thrown.ts';

const RANCHER = 'docker.io/rancher/rancher:v2.9.2';
const SHELL = 'docker.io/rancher/shell:v0.2.1';
const LOCKED = sampleImage({ name: 'locked', platforms: ['linux/amd64', 'linux/arm64'] });
const AT = `docker.io/rancher/locked@${LOCKED.root.digest}`;
const BUSYBOX = 'docker.io/library/busybox:1.36';

const POD = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'web', namespace: 'shop' },
  spec: {
    nodeName: 'node',
    initContainers: [{ name: 'first', image: 'rancher/shell:v0.2.1' }],
    containers: [{ name: 'main', image: 'rancher/rancher:v2.9.2', args: ['see quay.io/team/note:v1'] }],
  },
  // None of these is what the cluster asks for.
  status: {
    containerStatuses: [
      { image: 'docker.io/rancher/gone:v1', imageID: `docker.io/rancher/rancher@sha256:${'1'.repeat(64)}` },
      { image: 'sha256:abc', imageID: `sha256:${'2'.repeat(64)}` },
    ],
  },
};
const PODS = { apiVersion: 'v1', kind: 'List', items: [POD, { ...POD, metadata: { name: 'twin' } }] };
const NODE = {
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name: 'node' },
  status: { nodeInfo: { operatingSystem: 'linux', architecture: 'arm64' } },
};
const BOTH = [RANCHER, SHELL];

/** What to start from, by the name of the file, and the images of the bundle that it comes to. */
const KINDS: readonly (readonly [string, string, readonly string[]])[] = [
  ['pods.json', JSON.stringify(PODS), BOTH],
  ['pods.yaml', yamlOf(PODS.items), BOTH],
  ['pods-and-nodes.json', JSON.stringify({ ...PODS, items: [...PODS.items, NODE] }), BOTH],
  [
    'deploy.yaml',
    `# shop\n${JSON.stringify(POD)}\n---\nservices: { s: { image: "rancher/shell:v0.2.1" } }\n`,
    BOTH,
  ],
  [
    'images.txt',
    '\uFEFFrancher/rancher:v2.9.2\r\n# twice\r\ndocker.io/rancher/rancher:v2.9.2\r\n',
    [RANCHER],
  ],
  [
    'hauler.yaml',
    'apiVersion: content.hauler.cattle.io/v1\nkind: Images\nspec: { images: [{ name: "rancher/shell:v0.2.1" }] }\n',
    [SHELL],
  ],
  [
    'zarf.yaml',
    'kind: ZarfPackageConfig\nmetadata: { architecture: amd64 }\ncomponents: [{ name: a, images: ["rancher/shell:v0.2.1"], manifests: [{ name: m, files: [pod.yaml] }] }]\n',
    BOTH,
  ],
  [
    'zarf-beta.yaml',
    'kind: ZarfPackageConfig\napiVersion: zarf.dev/v1beta1\ncomponents: [{ name: a, images: [{ name: "rancher/shell:v0.2.1" }] }]\n',
    [SHELL],
  ],
  [
    'definition.yaml',
    'apiVersion: 1.2\nimage: { imageType: iso, arch: x86_64, baseImage: a.iso, outputImageName: b.iso }\nembeddedArtifactRegistry: { images: [{ name: "rancher/shell:v0.2.1" }] }\n',
    BOTH,
  ],
  [
    'images.yml',
    `apiVersion: imgpkg.carvel.dev/v1alpha1\nkind: ImagesLock\nimages: [{ image: "${AT.replace('docker.io', 'index.docker.io')}" }]\n`,
    [AT],
  ],
  [
    'imageset.yaml',
    'apiVersion: mirror.openshift.io/v2alpha1\nkind: ImageSetConfiguration\nmirror: { additionalImages: [{ name: "docker.io/rancher/shell:v0.2.1" }] }\n',
    [SHELL],
  ],
  ['base.yaml', 'bundle: 1\nname: base\ninclude: [./other.yaml]\nimages: ["rancher/shell:v0.2.1"]\n', BOTH],
];

/** As `kubectl get -o yaml` writes a list, by hand. */
function yamlOf(items: readonly object[]): string {
  return `apiVersion: v1\nitems:\n${items.map((item) => `- ${JSON.stringify(item)}\n`).join('')}kind: List\n`;
}

let lab: Lab;
beforeAll(async () => {
  lab = await startLab();
  await lab.internet.seed('rancher/locked', LOCKED, 'v1');
  await lab.internet.seed('library/busybox', sampleImage({ name: 'busybox' }), '1.36');
  writeFileSync(lab.at('registries.yaml'), `mirrors:\n  docker.io: { endpoint: ["${lab.internet.url}"] }\n`);
  writeFileSync(lab.at('pod.yaml'), JSON.stringify(POD));
  mkdirSync(lab.at('kubernetes/manifests'), { recursive: true });
  writeFileSync(lab.at('kubernetes/manifests/pod.yaml'), JSON.stringify(POD));
  writeFileSync(lab.at('other.yaml'), 'bundle: 1\nname: other\nimages: ["rancher/rancher:v2.9.2"]\n');
});
afterAll(() => lab[Symbol.asyncDispose]());

/** Returns the images of the bundle that a spec comes to. */
async function built(text: string): Promise<readonly string[]> {
  rmSync(lab.at('made.lock.json'), { force: true });
  writeFileSync(lab.at('made.yaml'), text);
  const out = lab.at('made.tar');
  await buildBundle(
    {
      specPath: lab.at('made.yaml'),
      out,
      registriesFile: lab.at('registries.yaml'),
    },
    { ...NOBODY, home: lab.at('home') },
  );
  await using bundle = await openBundle(out);
  return bundle.document.items.flatMap(({ kind, name }) => (kind === 'image' ? [name] : []));
}

describe('what "bundle init" writes builds', () => {
  it.each(KINDS)('from %s', async (name, text, expected) => {
    writeFileSync(lab.at(name), text);
    const { text: spec } = await specFrom({ from: lab.at(name) }, NOBODY);
    expect(await built(spec)).toEqual(expected);
  });

  it('from nothing', async () => {
    expect(await built(SPEC_TEMPLATE)).toEqual([BUSYBOX]);
  });

  it('from the standard input', async () => {
    const stdin = streamOf(Buffer.from(JSON.stringify(PODS)));
    const { text } = await specFrom({ from: '-', stdin }, NOBODY);
    expect(text).toContain('name: lab\n');
    expect(await built(text)).toEqual(BOTH);
  });
});

describe('a spec that "bundle init" makes of pods', () => {
  const textOf = async (value: object): Promise<string> => {
    const stdin = streamOf(Buffer.from(JSON.stringify(value)));
    return (await specFrom({ from: '-', stdin }, NOBODY)).text;
  };

  it('has each image once, as the cluster asks for it, and shows what may be one', async () => {
    const text = await textOf(PODS);
    expect(text.split('\nimages:\n')[1]).toBe(
      '  - rancher/rancher:v2.9.2\n  - rancher/shell:v0.2.1\n  # These may be images, or only look like it:\n  # - "quay.io/team/note:v1"\n',
    );
    expect(text).toContain('# platforms: [linux/amd64]\n');
  });

  it('has the platforms of the nodes, for all images or for each', async () => {
    expect(await textOf({ ...PODS, items: [POD, NODE] })).toContain('\nplatforms:\n  - linux/arm64\n');
    const other = {
      ...POD,
      metadata: { name: 'other' },
      spec: { nodeName: 'second', containers: [{ name: 'main', image: 'rancher/mirrored-pause:3.6' }] },
    };
    const second = {
      ...NODE,
      metadata: { name: 'second' },
      status: { nodeInfo: { operatingSystem: 'linux', architecture: 'amd64' } },
    };
    const mixed = await textOf({ ...PODS, items: [POD, other, NODE, second] });
    expect(mixed).not.toContain('\nplatforms:');
    expect(mixed).toContain(
      '  - reference: rancher/mirrored-pause:3.6\n    platforms:\n      - linux/amd64\n',
    );
    expect(mixed).toContain('  - reference: rancher/shell:v0.2.1\n    platforms:\n      - linux/arm64\n');
  });

  it.each([
    ['nothing', '', /names no image/],
    ['no names', 'a: b\n', /names no image/],
    ['a file of another program', 'kind: ZarfPackageConfig\ncomponents: []\n', /lies beside it/],
    ['a template of Helm', '{{- if .Values.a }}\nimage: a\n{{- end }}\n', /template of Helm/],
  ])('is refused on the standard input: %s', async (_, text, expected) => {
    const stdin = streamOf(Buffer.from(text));
    expect((await thrownBy(specFrom({ from: '-', stdin }, NOBODY))).message).toMatch(expected);
  });
});
