import { describe, expect, it } from 'vitest';
import type { Questions } from '../../src/sources/questions.ts';
import { recorded } from '../../src/sources/recorded.ts';
import { locked } from '../../src/sources/locked.ts';
import type { UpgradePath } from '../../src/sources/upgrade.ts';
import { encodeLock } from '../../src/spec/lock/encode.ts';
import type { SampleRelease } from '../support/samples/sample-sites.ts';
import { sampleImage } from '../support/samples/sample-image.ts';
import { parseWholeLock } from '../support/samples/sample-lock.ts';
import type { SampleRancher } from '../support/sites/rancher-site.ts';
import type { SampleRke2 } from '../support/sites/rke2-site.ts';
import { type SourceBench, startBench } from '../support/sites/source-context.ts';
import { parseWhole, resolveDocument, type SpecDocument } from '../support/sites/spec-document.ts';
import { problemsOf, hintsOf } from '../support/thrown.ts';

const RELEASES: readonly SampleRelease[] = [
  { tag: 'v1.30.6+k3s1' },
  { tag: 'v1.29.15-rc1+k3s1' },
  { tag: 'v1.29.14+k3s2', architectures: ['amd64'] },
  { tag: 'v1.29.14+k3s1' },
  { tag: 'v1.29.9+k3s1' },
  { tag: 'v1.28.15+k3s1', architectures: ['amd64'] },
  { tag: 'v1.28.9+k3s1', architectures: ['amd64'] },
  { tag: 'v1.27.16+k3s1' },
  { tag: 'v1.27.4+k3s1' },
];
const CHANNELS = { stable: 'v1.30.6+k3s1', 'v1.29': 'v1.29.9+k3s1' };
const RKE2: readonly SampleRke2[] = [
  { tag: 'v1.31.2+rke2r1', parts: ['core', 'canal', 'traefik'] },
  { tag: 'v1.30.6+rke2r10' },
  { tag: 'v1.30.6+rke2r9' },
  { tag: 'v1.29.9+rke2r1' },
];
const RANCHER: readonly SampleRancher[] = [
  { tag: 'v2.9.3', images: ['rancher/rancher:v2.9.3', 'rancher/shell:v0.2.2'] },
  { tag: 'v2.9.4-rc1', images: ['rancher/rancher:v2.9.4-rc1'] },
  // Its assets are not there yet.
  { tag: 'v2.8.15', images: ['rancher/rancher:v2.8.15'], unlisted: ['rancher-images.txt'] },
  { tag: 'v2.8.14', images: ['rancher/rancher:v2.8.14', 'rancher/shell:v0.2.1'] },
  { tag: 'v2.8.5', images: ['rancher/rancher:v2.8.5'] },
];
const IMAGES = Object.fromEntries(
  ['rancher:v2.8.14', 'rancher:v2.9.3', 'shell:v0.2.1', 'shell:v0.2.2'].map((name) => [
    `rancher/${name}`,
    sampleImage({ name }),
  ]),
);

async function bench(): Promise<SourceBench> {
  return await startBench({
    releases: RELEASES,
    channels: CHANNELS,
    rke2: RKE2,
    rancher: RANCHER,
    images: IMAGES,
  });
}

function k3sWish(from: string, architectures: readonly string[] = ['amd64']): SpecDocument {
  return { k3s: { from, versions: ['v1.30.6+k3s1'], architectures } };
}

/** Returns the bench with other answers. */
function answering(at: SourceBench, { images, web, ask }: Questions): Pick<SourceBench, 'context'> {
  return { context: { ...at.context, images, web, ask } };
}

/** Returns what is bundled, `kind name`, and the paths that were told. */
async function climb(at: Pick<SourceBench, 'context'>, document: SpecDocument) {
  const paths: UpgradePath[] = [];
  const context = { ...at.context, onUpgradePath: (path: UpgradePath) => void paths.push(path) };
  const items = await resolveDocument(document, context);
  return {
    items: items.map(({ item }) => `${item.kind} ${item.name}`),
    paths: paths.map(({ product, from, steps }) => [product, from, ...steps.map(({ tag }) => tag)]),
  };
}

describe('an upgrade in a spec', () => {
  it.each([
    ['v1.27.x', ['v1.30.6+k3s1'], ['v1.28.15+k3s1', 'v1.29.14+k3s2', 'v1.30.6+k3s1']],
    ['1.27', ['stable'], ['v1.28.15+k3s1', 'v1.29.14+k3s2', 'v1.30.6+k3s1']],
    ['v1.27.4+k3s1', ['1.30.6'], ['v1.28.15+k3s1', 'v1.29.14+k3s2', 'v1.30.6+k3s1']],
    ['v1.27.4', ['stable', 'v1.29'], ['v1.28.15+k3s1', 'v1.29.9+k3s1', 'v1.30.6+k3s1']],
  ])('of K3s from %s to %j passes through %j', async (from, versions, steps) => {
    await using at = await bench();
    const { items, paths } = await climb(at, { k3s: { from, versions, architectures: ['amd64'] } });
    expect(paths).toEqual([['K3s', from, ...steps]]);
    expect(items).toEqual(steps.map((tag) => `k3s ${tag}`));
  });

  it('of RKE2 orders builds as numbers, and warns of a part that a step does not have', async () => {
    await using at = await bench();
    const { items } = await climb(at, {
      rke2: {
        from: 'v1.29.x',
        versions: ['v1.31.2+rke2r1'],
        architectures: ['amd64'],
        images: ['core', 'traefik'],
      },
    });
    expect(items).toEqual(['rke2 v1.30.6+rke2r10', 'rke2 v1.31.2+rke2r1']);
    expect(at.warnings.map(({ message }) => message)).toEqual([
      'RKE2 v1.30.6+rke2r10, a step of the upgrade, has no part "traefik" of the images for amd64',
    ]);
  });

  it('of Rancher Desktop brings K3s and a client for each step', async () => {
    await using at = await bench();
    const { items, paths } = await climb(at, {
      rancherDesktop: { from: 'v1.28.x', versions: ['stable'], platforms: ['linux/amd64'] },
      images: [],
    });
    expect(paths).toEqual([['Rancher Desktop', 'v1.28.x', 'v1.29.14+k3s2', 'v1.30.6+k3s1']]);
    expect(items).toEqual([
      'k3s v1.29.14+k3s2',
      'k3s v1.30.6+k3s1',
      'k3s-versions k3s-versions.json',
      'kubectl v1.29.14 linux/amd64',
      'kubectl v1.30.6 linux/amd64',
    ]);
  });

  it('of Rancher begins at the newest patch that is complete, and brings the images of each step once', async () => {
    await using at = await bench();
    const { items, paths } = await climb(at, { rancher: { version: '2.9.3', from: 'v2.8.x' } });
    expect(paths).toEqual([['Rancher', 'v2.8.x', 'v2.8.14', 'v2.9.3']]);
    expect(items).toEqual([
      'image docker.io/rancher/rancher:v2.8.14',
      'image docker.io/rancher/rancher:v2.9.3',
      'image docker.io/rancher/shell:v0.2.1',
      'image docker.io/rancher/shell:v0.2.2',
      'rancher v2.8.14',
      'rancher v2.9.3',
    ]);
  });

  it('of Rancher takes of a step the parts that it has, and all of one that cannot be divided', async () => {
    const sources = [
      'rancher/rancher:v2.9.3 rancher',
      'rancher/shell:v0.2.2 rancher-monitoring:104.1.2+up57.0.3',
    ];
    await using divided = await startBench({
      rancher: RANCHER.map((each) => (each.tag === 'v2.9.3' ? { ...each, sources } : each)),
      images: IMAGES,
    });
    const { items } = await climb(divided, {
      rancher: { version: '2.9.3', from: 'v2.8.5', without: ['monitoring'] },
    });
    expect(items).toEqual([
      'image docker.io/rancher/rancher:v2.8.14',
      'image docker.io/rancher/rancher:v2.9.3',
      'image docker.io/rancher/shell:v0.2.1',
      'rancher v2.8.14',
      'rancher v2.9.3',
    ]);
    expect(divided.warnings.map(({ message }) => message)).toEqual([
      'Rancher v2.8.14, a step of the upgrade, has no "rancher-images-sources.txt": all of its images are taken',
    ]);
  });

  it('does not ask for the list of Rancher releases without "from"', async () => {
    await using at = await bench();
    await climb(at, { rancher: { version: '2.9.3' } });
    expect(at.asked().filter((path) => path.includes('/repos/rancher/rancher'))).toEqual([]);
  });

  it('is in the lock: the same steps come out of it, and no list of releases is asked for', async () => {
    await using at = await bench();
    const document: SpecDocument = {
      k3s: { from: 'v1.27.x', versions: ['stable'], architectures: ['amd64'] },
      rancher: { version: 'v2.9.3', from: 'v2.8.x' },
    };
    const recording = recorded(at.context);
    const live = await climb(answering(at, recording), document);
    const text = encodeLock(recording.lockOf('lab'));
    const lists = () => at.asked().filter((path) => path.endsWith('/releases')).length;
    expect([lists(), text]).toEqual([2, expect.stringContaining('"v2.8": "v2.8.14"')]);
    const lock = parseWholeLock(text, 'lab.lock.json');
    expect(await climb(answering(at, locked(lock, at.context)), document)).toEqual(live);
    expect(lists()).toBe(2);
    const again = recorded(at.context);
    await climb(answering(at, again), document);
    expect(encodeLock(again.lockOf('lab'))).toBe(text);
  });

  it.each([
    [
      'is older',
      k3sWish('v1.31.x'),
      'ERR_VERSION_INVALID Cannot find an upgrade path from "v1.31.x" to K3s "v1.30.6+k3s1": that is older, and there is no way back',
      'Name newer releases, or the oldest release that is running in "from".',
    ],
    [
      'is of another major release',
      k3sWish('v2.27.x'),
      'ERR_VERSION_INVALID Cannot find an upgrade path from "v2.27.x" to K3s "v1.30.6+k3s1": they are of two major releases',
      'Write in "from" what is running today, such as "v1.28.x".',
    ],
    [
      'has minors between of which nothing is there',
      k3sWish('v1.24.x'),
      'ERR_UPSTREAM_NOT_FOUND Cannot find an upgrade path from "v1.24.x" to K3s "v1.30.6+k3s1": there is no release of v1.25, v1.26',
      'There are releases of v1.27, v1.28, v1.29, v1.30.',
    ],
    [
      'has a minor between that is not complete for an architecture',
      k3sWish('v1.27.x', ['amd64', 'arm64']),
      'ERR_UPSTREAM_NOT_FOUND Cannot find an upgrade path from "v1.27.x" to K3s "v1.30.6+k3s1": there is no release of v1.28',
      '"v1.28.15+k3s1" is not complete for arm64: leave out the architecture, or name another release.',
    ],
    [
      'starts at what was never released',
      k3sWish('v1.27.9+k3s1'),
      'ERR_UPSTREAM_NOT_FOUND Cannot find K3s version "v1.27.9+k3s1": no release has it',
      'The nearest is "v1.27.4+k3s1".',
    ],
    [
      'of Rancher has a gap',
      { rancher: { version: 'v2.9.3', from: 'v2.6.x' } },
      'ERR_UPSTREAM_NOT_FOUND Cannot find an upgrade path from "v2.6.x" to Rancher "v2.9.3": there is no release of v2.7',
      'There are releases of v2.8, v2.9.',
    ],
  ])('that %s is an error', async (_, document, problem, hint) => {
    await using at = await bench();
    expect(await problemsOf(climb(at, document))).toEqual([problem]);
    expect(await hintsOf(climb(at, document))).toEqual([hint]);
  });

  it.each([
    ['K3s', k3sWish('v1.30.6+k3s1'), 'k3s v1.30.6+k3s1'],
    ['Rancher', { rancher: { version: 'v2.9.3', from: 'v2.9.3' } }, 'rancher v2.9.3'],
  ])('of %s to what is running is a warning, and the release is bundled', async (product, document, item) => {
    await using at = await bench();
    const { items, paths } = await climb(at, document);
    expect(items).toContain(item);
    expect(paths).toEqual([]);
    expect(at.warnings.map(({ message }) => message)).toEqual([
      expect.stringMatching(
        new RegExp(`^${product} .* is what "from" says is running: the upgrade has no step$`),
      ),
    ]);
  });

  it.each(['stable', '>=1.27', 'v1.27.4+rke2r1', ''])('takes no %j for where it starts', (from) => {
    const spec = `bundle: 1\nname: lab\nk3s: { from: ${JSON.stringify(from)}, versions: [stable], architectures: [amd64] }\n`;
    expect(() => parseWhole(spec, 'lab.yaml')).toThrow('Cannot read spec "lab.yaml": 1 problem');
  });
});
