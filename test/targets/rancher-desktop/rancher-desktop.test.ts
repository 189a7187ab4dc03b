import { chmodSync, lstatSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { desktopItems } from '../../../src/targets/rancher-desktop/desktop-items.ts';
import {
  desktopScene,
  errorsOf,
  LINUX,
  LIST,
  listIn,
  OTHER,
  TAG,
  TAR,
  ZST,
} from '../../support/sites/desktop-scene.ts';
import { replaceCall, systemFailure } from '../../support/disk/replaced-call.ts';
import { thrownBy } from '../../support/thrown.ts';
import { installTarget } from '../../support/sites/install-target.ts';
import type { PlannedSample } from '../../support/planned/items.ts';
import {
  bundleOf,
  fileSample,
  k3sFiles,
  k3sSample,
  versionListSample,
} from '../../support/samples/target-samples.ts';
import { filesUnder, modeOf, namesUnder, stampOf } from '../../support/tree.ts';

describe('the Rancher Desktop target', () => {
  it('lays out what Rancher Desktop reads, and nothing beside it', async () => {
    const { cache, target } = await desktopScene([k3sSample(TAG), k3sSample(OTHER), versionListSample(LIST)]);
    const results = await installTarget(target);
    expect(results.map(({ name, outcome }) => `${name} ${outcome}`)).toEqual([
      `${TAG} placed`,
      `${OTHER} placed`,
      'k3s-versions.json placed',
    ]);
    expect(namesUnder(cache)).toEqual([
      'k3s',
      'k3s-versions.json',
      ...[TAG, OTHER].flatMap((tag) => [
        `k3s/${tag}`,
        ...['k3s', ZST, 'sha256sum-amd64.txt'].map((name) => `k3s/${tag}/${name}`),
      ]),
    ]);
    for (const { name, bytes } of k3sFiles(TAG, { without: ['install.sh'] }))
      expect(readFileSync(join(cache, 'k3s', TAG, name)).equals(bytes)).toBe(true);
    expect(modeOf(join(cache, 'k3s', TAG, 'k3s'))).toBe('755');
    expect(modeOf(join(cache, 'k3s', TAG, ZST))).toBe('644');
    expect(JSON.parse(readFileSync(join(cache, 'k3s-versions.json'), 'utf8'))).toEqual(LIST);
  });

  it('proves that Rancher Desktop will accept each version', async () => {
    const { target } = await desktopScene([k3sSample(TAG), k3sSample(OTHER), versionListSample(LIST)]);
    await installTarget(target);
    expect(await target.prove()).toEqual([
      { level: 'ok', message: `Rancher Desktop will accept ${TAG}` },
      { level: 'ok', message: `Rancher Desktop will accept ${OTHER}` },
    ]);
  });

  it('changes nothing the second time, and says so', async () => {
    const { cache, target } = await desktopScene([k3sSample(TAG), versionListSample(LIST)]);
    await installTarget(target);
    const stamps = namesUnder(cache).map((name) => stampOf(join(cache, name)));
    const plan = await target.plan();
    expect(plan.map(({ state, bytes }) => [state, bytes])).toEqual([
      ['present', 0],
      ['present', 0],
    ]);
    expect((await installTarget(target)).map(({ outcome }) => outcome)).toEqual(['present', 'present']);
    expect(namesUnder(cache).map((name) => stampOf(join(cache, name)))).toEqual(stamps);
  });

  // The list of versions goes into the cache itself, after the versions in their own folder.
  it.each(['.', 'k3s'])(
    'refuses a cache whose folder "%s" may not be written, before anything is',
    async (name) => {
      const { cache, target } = await desktopScene([k3sSample(TAG), versionListSample(LIST)]);
      mkdirSync(join(cache, 'k3s'), { recursive: true });
      const closed = join(cache, name);
      using _closed = replaceCall('access', async ([path], honest) => {
        if (path === closed) throw systemFailure('EACCES');
        return await honest();
      });
      expect(await thrownBy(target.reach())).toMatchObject({ code: 'ERR_OUTPUT_UNWRITABLE' });
      expect(namesUnder(cache)).toEqual(['k3s']);
    },
  );

  it('says in its plan what would be written, and writes nothing', async () => {
    const { cache, target } = await desktopScene([k3sSample(TAG, { size: 5000 }), versionListSample(LIST)]);
    await target.reach();
    const plan = await target.plan();
    const sums = k3sFiles(TAG, { size: 5000 }).find(({ name }) => name.startsWith('sha256sum'))?.bytes.length;
    expect(plan).toMatchObject([
      { kind: 'k3s', destination: join(cache, 'k3s', TAG), state: 'missing', bytes: 10_000 + (sums ?? 0) },
      { kind: 'k3s-versions', destination: join(cache, 'k3s-versions.json'), state: 'missing' },
    ]);
    expect(namesUnder(cache)).toEqual([]);
  });

  it('reports where content is now, for the receipt', async () => {
    const { bundle, cache, target } = await desktopScene([k3sSample(TAG)]);
    const [placed] = await installTarget(target);
    expect(placed?.leaves?.files?.map(({ path }) => path)).toEqual(
      ['k3s', ZST, 'sha256sum-amd64.txt'].map((name) => join(cache, 'k3s', TAG, name)),
    );
    expect(placed?.digests?.at(0)).toBe(bundle.document.items[0]?.descriptor.digest);
    expect(placed?.digests).toHaveLength(4);
  });

  it('lists its versions even when the bundle carries no list', async () => {
    const { cache, target } = await desktopScene([k3sSample(TAG)]);
    await installTarget(target);
    expect(listIn(cache)).toEqual({ cacheVersion: 2, versions: [TAG], channels: {} });
    expect(errorsOf(await target.prove())).toEqual([]);
  });

  it.each([
    [{ os: 'windows', architecture: 'arm64' }, 'amd64'],
    [{ os: 'windows', architecture: 'amd64' }, 'amd64'],
    [{ os: 'darwin', architecture: 'arm64' }, 'arm64'],
    [{ os: 'linux', architecture: 'amd64' }, 'amd64'],
  ])('takes for %o the K3s of %s', async (platform, architecture) => {
    const { cache, target } = await desktopScene(
      [k3sSample(TAG, { architectures: ['amd64', 'arm64'] })],
      platform,
    );
    await installTarget(target);
    expect(namesUnder(join(cache, 'k3s', TAG))).toContain(`sha256sum-${architecture}.txt`);
    expect(namesUnder(join(cache, 'k3s', TAG))).toHaveLength(3);
  });

  it('leaves out what is for others: nodes, other architectures, files', async () => {
    const bundle = await bundleOf([
      k3sSample(TAG, { audience: ['k3s-node'] }),
      k3sSample(OTHER, { architectures: ['arm64'] }),
      fileSample('tool'),
    ]);
    expect(desktopItems(bundle, LINUX)).toEqual([]);
  });

  it('places plain tar images beside the others where the bundle has both', async () => {
    const { cache, target } = await desktopScene([
      k3sSample(TAG, { suffixes: ['.tar.zst', '.tar', '.tar.gz'] }),
    ]);
    await installTarget(target);
    expect(namesUnder(join(cache, 'k3s', TAG))).toEqual(['k3s', TAR, ZST, 'sha256sum-amd64.txt']);
  });
});

describe('a version folder that is there already', () => {
  it.each([
    ['a damaged executable', (folder: string) => writeFileSync(join(folder, 'k3s'), 'x')],
    ['an executable that may not be run', (folder: string) => chmodSync(join(folder, 'k3s'), 0o644)],
    ['damaged images', (folder: string) => writeFileSync(join(folder, ZST), 'x')],
    ['no images', (folder: string) => rmSync(join(folder, ZST))],
    ['no sums file', (folder: string) => rmSync(join(folder, 'sha256sum-amd64.txt'))],
    ['damaged images of the other kind', (folder: string) => writeFileSync(join(folder, TAR), 'x')],
    ['nothing in it', emptied],
    ['a link in its place', linked],
    ['a file in its place', replaced],
  ])('is replaced when it has %s', async (_, damage) => {
    const { cache, target } = await desktopScene([k3sSample(TAG), versionListSample(LIST)]);
    await installTarget(target);
    const whole = filesUnder(cache);
    damage(join(cache, 'k3s', TAG));
    expect((await target.plan()).map(({ state }) => state)).toEqual(['different', 'present']);
    const [result] = await installTarget(target);
    expect(result?.outcome).toBe('replaced');
    expect(lstatSync(join(cache, 'k3s', TAG)).isDirectory()).toBe(true);
    expect(filesUnder(cache)).toEqual(whole);
    expect(namesUnder(join(cache, 'k3s'))).toHaveLength(4);
    expect(errorsOf(await target.prove())).toEqual([]);
  });

  it('is seen as damaged by the proof before it is repaired', async () => {
    const { cache, target } = await desktopScene([k3sSample(TAG)]);
    await installTarget(target);
    writeFileSync(join(cache, 'k3s', TAG, 'k3s'), 'x');
    expect(await target.prove()).toEqual([
      {
        level: 'error',
        message: `Rancher Desktop will not accept ${TAG}: "k3s" does not match its line in "sha256sum-amd64.txt"`,
      },
    ]);
  });

  it('keeps the images that an older Rancher Desktop needs, as long as they are what they should be', async () => {
    const { cache, target } = await desktopScene([artifactWithoutTar()]);
    const folder = join(cache, 'k3s', TAG);
    mkdirSync(folder, { recursive: true });
    for (const { name, bytes } of k3sFiles(TAG, { suffixes: ['.tar.zst', '.tar'], without: [ZST] }))
      writeFileSync(join(folder, name), bytes);
    writeFileSync(join(folder, 'notes.txt'), 'mine');
    const tar = filesUnder(folder)[TAR];
    await installTarget(target);
    expect(filesUnder(folder)[TAR]).toBe(tar);
    expect(namesUnder(folder)).toEqual(['k3s', TAR, ZST, 'sha256sum-amd64.txt']);
    expect(errorsOf(await target.prove())).toEqual([]);
  });

  it('is not touched when it is none of ours', async () => {
    const { cache, target } = await desktopScene([k3sSample(TAG)]);
    const folder = join(cache, 'k3s', 'v1.29.4+k3s1');
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'k3s'), 'mine');
    await installTarget(target);
    expect(filesUnder(folder)).toEqual({ k3s: 'mine' });
  });
});

/** A release whose sums file covers images that the bundle does not have. */
function artifactWithoutTar(): PlannedSample {
  return k3sSample(TAG, { suffixes: ['.tar.zst', '.tar'], without: [TAR] });
}

function emptied(folder: string): void {
  rmSync(folder, { recursive: true });
  mkdirSync(folder);
}

function linked(folder: string): void {
  rmSync(folder, { recursive: true });
  symlinkSync('/nowhere', folder);
}

function replaced(folder: string): void {
  rmSync(folder, { recursive: true });
  writeFileSync(folder, 'x');
}
