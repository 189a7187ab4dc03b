import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type K3sNodeOptions, k3sNodeTarget } from '../../../src/targets/k3s-node/k3s-node.ts';
import type { Target } from '../../../src/targets/target.ts';
import { faultyBundle } from '../../support/archives/faulty-bundle.ts';
import { installTarget } from '../../support/sites/install-target.ts';
import type { PlannedSample } from '../../support/planned/items.ts';
import {
  artifactSample,
  bundleOf,
  hexOf,
  k3sFiles,
  k3sSample,
  type SampleFile,
} from '../../support/samples/target-samples.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import { thrownBy } from '../../support/thrown.ts';
import { filesUnder, modeOf, namesUnder, stampOf } from '../../support/tree.ts';
import { zstdHead } from '../../support/samples/zstd-head.ts';

const TAG = 'v1.30.6+k3s1';
const IMAGES = 'var/lib/rancher/k3s/agent/images';
const SHARE = 'usr/local/share/saddlebag/k3s';
const ZST = 'k3s-airgap-images-amd64.tar.zst';

describe('the K3s node target', () => {
  it('lays out a node as its install.sh and K3s itself look for things', async () => {
    const { root, target } = await setUp([k3sSample(TAG, { imageList: 'docker.io/rancher/x:1\n' })]);
    expect((await installTarget(target)).map(({ outcome }) => outcome)).toEqual(Array(4).fill('placed'));
    const files = new Map(
      k3sFiles(TAG).map(({ name, bytes }) => [name, Buffer.from(bytes).toString('latin1')]),
    );
    expect(filesUnder(root)).toEqual({
      'usr/local/bin/k3s': files.get('k3s'),
      [`${IMAGES}/${ZST}`]: files.get(ZST),
      [`${SHARE}/install.sh`]: files.get('install.sh'),
      [`${SHARE}/sha256sum-amd64.txt`]: files.get('sha256sum-amd64.txt'),
    });
    expect(
      ['usr/local/bin/k3s', `${SHARE}/install.sh`, `${IMAGES}/${ZST}`].map((path) =>
        modeOf(join(root, path)),
      ),
    ).toEqual(['755', '755', '644']);
  });

  it('puts no list among the images: K3s would try to pull what it names', async () => {
    const { root, target } = await setUp([k3sSample(TAG, { imageList: 'docker.io/rancher/x:1\n' })]);
    await installTarget(target);
    expect(namesUnder(join(root, IMAGES))).toEqual([ZST]);
  });

  it('proves it, and says how to go on', async () => {
    const { root, target } = await setUp([k3sSample(TAG)]);
    await installTarget(target);
    expect(await target.prove()).toEqual([
      {
        level: 'ok',
        message: `K3s ${TAG} is ready to install: INSTALL_K3S_SKIP_DOWNLOAD=true ${join(root, SHARE, 'install.sh')}`,
      },
    ]);
  });

  it('changes nothing the second time', async () => {
    const { root, target } = await setUp([k3sSample(TAG)]);
    await installTarget(target);
    const stamps = namesUnder(root).map((name) => stampOf(join(root, name)));
    expect((await installTarget(target)).map(({ outcome }) => outcome)).toEqual(Array(4).fill('present'));
    expect(namesUnder(root).map((name) => stampOf(join(root, name)))).toEqual(stamps);
  });

  it.each([
    ['amd64', 'k3s'],
    ['arm64', 'k3s-arm64'],
    ['arm', 'k3s-armhf'],
  ])('takes for %s the executable %s, and calls it k3s', async (architecture, name) => {
    const sample = k3sSample(TAG, { architectures: ['amd64', 'arm64', 'arm'] });
    const { root, target } = await setUp([sample], { architecture });
    await installTarget(target);
    const bytes = k3sFiles(TAG, { architectures: [architecture] }).find((file) => file.name === name)?.bytes;
    expect(bytes).toBeDefined();
    expect(readFileSync(join(root, 'usr/local/bin/k3s'))).toEqual(bytes);
    expect(namesUnder(join(root, IMAGES))).toEqual([`k3s-airgap-images-${architecture}.tar.zst`]);
    expect(await target.prove()).toMatchObject([{ level: 'ok' }]);
  });

  it.each([
    [['.tar', '.tar.gz', '.tar.zst'], '.tar.zst'],
    [['.tar', '.tar.gz'], '.tar.gz'],
    [['.tar'], '.tar'],
  ])('places of images %o one, because K3s would import each', async (suffixes, suffix) => {
    const { root, target } = await setUp([k3sSample(TAG, { suffixes })]);
    await installTarget(target);
    expect(namesUnder(join(root, IMAGES))).toEqual([`k3s-airgap-images-amd64${suffix}`]);
  });

  it('installs the highest version unless another is asked for', async () => {
    const samples = ['v1.9.9+k3s1', 'v1.30.6+k3s2', 'v1.30.6+k3s10', 'v1.30.5+k3s1'].map((tag) =>
      k3sSample(tag),
    );
    const highest = await setUp(samples);
    expect(new Set((await highest.target.plan()).map(({ name }) => name))).toEqual(
      new Set(['v1.30.6+k3s10']),
    );
    const asked = await setUp(samples, { version: 'v1.30.5+k3s1' });
    expect(new Set((await asked.target.plan()).map(({ name }) => name))).toEqual(new Set(['v1.30.5+k3s1']));
    expect(await thrownBy(setUp(samples, { version: 'v1.2.3+k3s1' }))).toMatchObject({
      code: 'ERR_CONTENT_NOT_FOUND',
      message: 'Cannot set up a node: the bundle has no K3s "v1.2.3+k3s1" for amd64',
      hint: 'It has: v1.30.5+k3s1, v1.30.6+k3s10, v1.30.6+k3s2, v1.9.9+k3s1.',
    });
  });

  it.each([
    ['v1.32.1-rc1+k3s1', ['v1.32.1-rc1+k3s1'], undefined],
    ['v1.32.1-rc10+k3s1', ['v1.32.1-rc9+k3s1', 'v1.32.1-rc10+k3s1'], undefined],
    // A preview of a later version is nobody's usual choice.
    ['v1.31.2+k3s1', ['v1.31.2+k3s1', 'v1.32.1-rc1+k3s1'], undefined],
    ['v1.32.1+k3s1', ['v1.32.1+k3s1', 'v1.32.1-rc1+k3s1'], undefined],
    ['v1.32.1-rc1+k3s1', ['v1.32.1+k3s1', 'v1.32.1-rc1+k3s1'], 'v1.32.1-rc1+k3s1'],
    ['v1.32.1-rc1+k3s1', ['v1.32.1+k3s1', 'v1.32.1-rc1+k3s1'], '1.32.1-rc1'],
    ['v1.30.6+k3s2', ['v1.30.6+k3s1', 'v1.30.6+k3s2', 'v1.31.2+k3s1'], '1.30.6'],
    ['v1.30.6+k3s1', ['v1.30.6+k3s1', 'v1.30.6+k3s2', 'v1.31.2+k3s1'], '1.30.6+k3s1'],
    ['v1.17.0+k3s.1', ['v1.17.0+k3s.1'], undefined],
  ])('takes %s of %j when asked for %s', async (expected, tags, version) => {
    const { target } = await setUp(
      tags.map((tag) => k3sSample(tag)),
      { version },
    );
    expect(new Set((await target.plan()).map(({ name }) => name))).toEqual(new Set([expected]));
  });

  it.each(['v1.30.6+k3s2', '1.30', 'stable', 'v1.30.6+k3s1 ', ''])('has no release %j', async (version) => {
    expect(await thrownBy(setUp([k3sSample(TAG)], { version }))).toMatchObject({
      code: 'ERR_CONTENT_NOT_FOUND',
      hint: `It has: ${TAG}.`,
    });
  });

  it.each([['k3s'], [ZST], ['sha256sum-amd64.txt']])('refuses a release without its %s', async (name) => {
    const { root, target } = await setUp([k3sSample(TAG, { without: [name] })]);
    expect(await thrownBy(target.plan())).toMatchObject({ code: 'ERR_TARGET_REFUSED' });
    expect(namesUnder(root)).toEqual([]);
  });

  it('places the executable last, so that a node that starts finds all the rest', async () => {
    const { bundle, root } = await setUp([k3sSample(TAG)]);
    const exe = k3sFiles(TAG).find(({ name }) => name === 'k3s')?.bytes ?? Buffer.alloc(0);
    const broken = faultyBundle(bundle, (digest, honest) => {
      if (digest === `sha256:${hexOf(exe)}`) throw Object.assign(new Error('EIO'), { code: 'EIO' });
      return honest;
    });
    expect(
      await thrownBy(installTarget(k3sNodeTarget(broken, { root, architecture: 'amd64' }))),
    ).toMatchObject({
      code: 'ERR_DISK_FAILED',
    });
    expect(Object.keys(filesUnder(root))).toEqual(
      [`${SHARE}/install.sh`, `${SHARE}/sha256sum-amd64.txt`, `${IMAGES}/${ZST}`].sort(),
    );
  });
});

describe('the proof', () => {
  it('compares what is on the disk with the sums file on the disk', async () => {
    const { root, target } = await setUp([k3sSample(TAG)]);
    await installTarget(target);
    const at = (path: string): string => join(root, path);
    writeFileSync(at('usr/local/bin/k3s'), 'x');
    writeFileSync(at(`${SHARE}/install.sh`), 'x');
    rmSync(at(`${IMAGES}/${ZST}`));
    expect(await target.prove()).toEqual([
      { level: 'error', message: `${at(`${IMAGES}/${ZST}`)} is missing` },
      { level: 'error', message: `${at(`${SHARE}/install.sh`)} is not what its release has` },
      { level: 'error', message: `${at('usr/local/bin/k3s')} is not what its release has` },
    ]);
    rmSync(at(`${SHARE}/sha256sum-amd64.txt`));
    expect((await target.prove()).map(({ message }) => message)).toContain(
      `${at('usr/local/bin/k3s')} has no line in the sums file of the release`,
    );
    await installTarget(target);
    expect(await target.prove()).toMatchObject([{ level: 'ok' }]);
  });

  it.each([
    [25, 'ok'],
    [26, 'error'],
    [27, 'error'],
  ])('knows what K3s can decompress: a window of 2^%i is %s', async (exponent, level) => {
    const { target } = await setUp([sampleWithImages(zstdHead(exponent))]);
    await installTarget(target);
    expect((await target.prove()).map((finding) => finding.level)).toEqual([level]);
  });

  it('warns of what else K3s will read in the folder of images', async () => {
    const { root, target } = await setUp([k3sSample(TAG)]);
    await installTarget(target);
    for (const name of [
      'k3s-images.txt',
      'k3s-airgap-images-amd64.tar',
      'own.tar',
      'rke2-images.linux-amd64.tar.zst',
      'notes.md',
    ])
      writeFileSync(join(root, IMAGES, name), '');
    const warnings = (await target.prove()).filter(({ level }) => level === 'warning');
    expect(warnings.map(({ message }) => message)).toEqual([
      `K3s will import ${join(root, IMAGES, 'k3s-airgap-images-amd64.tar')} as well`,
      `K3s will try to pull every image that ${join(root, IMAGES, 'k3s-images.txt')} lists`,
      `K3s will import ${join(root, IMAGES, 'own.tar')} as well`,
      `K3s will import ${join(root, IMAGES, 'rke2-images.linux-amd64.tar.zst')} as well`,
    ]);
  });

  it('refuses a root that has a file where a folder must be', async () => {
    const { root, target } = await setUp([k3sSample(TAG)]);
    mkdirSync(dirname(join(root, 'usr')), { recursive: true });
    writeFileSync(join(root, 'usr'), '');
    expect(await thrownBy(target.reach())).toMatchObject({ code: 'ERR_TARGET_REFUSED' });
  });
});

async function setUp(
  samples: readonly PlannedSample[],
  options: Partial<K3sNodeOptions> = {},
): Promise<{
  readonly bundle: Awaited<ReturnType<typeof bundleOf>>;
  readonly root: string;
  readonly target: Target;
}> {
  const scratch = temporaryFolder();
  onTestFinished(() => scratch[Symbol.dispose]());
  const root = join(scratch.path, 'root');
  const bundle = await bundleOf(samples);
  return { bundle, root, target: k3sNodeTarget(bundle, { root, architecture: 'amd64', ...options }) };
}

function sampleWithImages(images: Uint8Array): PlannedSample {
  const executable: SampleFile = { name: 'k3s', bytes: Buffer.from('exe') };
  const archive: SampleFile = { name: ZST, bytes: images };
  const sums = [executable, archive].map(({ name, bytes }) => `${hexOf(bytes)}  ${name}\n`).join('');
  const item = { kind: 'k3s', name: TAG, architectures: ['amd64'], audience: ['k3s-node'] } as const;
  return artifactSample(item, [
    executable,
    archive,
    { name: 'sha256sum-amd64.txt', bytes: Buffer.from(sums) },
  ]);
}
