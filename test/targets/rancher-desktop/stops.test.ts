import { chmodSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { rancherDesktopTarget } from '../../../src/targets/rancher-desktop/rancher-desktop.ts';
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
import { brokenOff, faultyBundle, flipped } from '../../support/archives/faulty-bundle.ts';
import { installTarget } from '../../support/sites/install-target.ts';
import { mountSmallDisk, NO_SMALL_DISK } from '../../support/peers/small-disk.ts';
import { deadMark } from '../../support/process/marks.ts';
import { bundleOf, k3sSample, versionListSample } from '../../support/samples/target-samples.ts';
import { problemsOf, thrownBy } from '../../support/thrown.ts';
import { filesUnder, namesUnder } from '../../support/tree.ts';

describe('a stop in the middle', () => {
  it('leaves at each step a cache that Rancher Desktop can live with, and the next run completes it', async () => {
    const samples = [k3sSample(TAG), k3sSample(OTHER), versionListSample(LIST)];
    const undisturbed = await desktopScene(samples);
    await installTarget(undisturbed.target);
    const whole = filesUnder(undisturbed.cache);
    let stops = 0;
    for (let at = 1; at < 100; at += 1) {
      const { cache, bundle } = await desktopScene(samples);
      const faulty = faultyBundle(bundle, (_, honest, count) => (count === at ? brokenOff(honest) : honest));
      const stopped = rancherDesktopTarget(faulty, { cache, platform: LINUX });
      const error = await installTarget(stopped).then(
        () => undefined,
        (reason: unknown) => reason,
      );
      if (error === undefined) break;
      stops += 1;
      // A folder with the name of a version is whole, whenever Rancher Desktop looks.
      for (const tag of [TAG, OTHER]) expect([0, 3]).toContain(namesUnder(join(cache, 'k3s', tag)).length);
      expect(namesUnder(join(cache, 'k3s')).filter((name) => name.startsWith('.saddlebag'))).toEqual([]);
      await installTarget(rancherDesktopTarget(bundle, { cache, platform: LINUX }));
      expect(filesUnder(cache)).toEqual(whole);
    }
    expect(stops).toBeGreaterThan(6);
  });

  it('by a kill leaves a folder that Rancher Desktop passes over and the next run clears away', async () => {
    const { cache, target } = await desktopScene([k3sSample(TAG)]);
    const left = join(cache, 'k3s', `.saddlebag-${TAG}.${deadMark()}-0123abcd`);
    mkdirSync(left, { recursive: true });
    writeFileSync(join(left, 'k3s'), 'half');
    await installTarget(target);
    expect(namesUnder(join(cache, 'k3s')).filter((name) => name.includes('saddlebag'))).toEqual([]);
    expect(errorsOf(await target.prove())).toEqual([]);
  });

  it('for a bit that flips on the stick leaves the version that was there', async () => {
    const { cache, bundle, target } = await desktopScene([k3sSample(TAG)]);
    await installTarget(target);
    chmodSync(join(cache, 'k3s', TAG, 'k3s'), 0o600);
    const before = filesUnder(cache);
    const large = bundle.document.blobs.find(({ size }) => size === 3000)?.digest;
    const faulty = faultyBundle(bundle, (digest, honest) => (digest === large ? flipped(honest) : honest));
    const error = await thrownBy(installTarget(rancherDesktopTarget(faulty, { cache, platform: LINUX })));
    expect(error.code).toBe('ERR_DIGEST_MISMATCH');
    expect(filesUnder(cache)).toEqual(before);
  });

  it('for a full disk says so, and leaves no half of a version', async (context) => {
    if (NO_SMALL_DISK !== undefined) context.skip(NO_SMALL_DISK);
    using disk = mountSmallDisk(128 * 1024);
    const bundle = await bundleOf([k3sSample(TAG, { size: 200_000 })]);
    const target = rancherDesktopTarget(bundle, { cache: disk.path, platform: LINUX });
    expect(await thrownBy(installTarget(target))).toMatchObject({ code: 'ERR_DISK_FULL' });
    expect(namesUnder(disk.path)).toEqual(['k3s']);
  });

  it('at two installs at once ends with one whole version', async () => {
    const { cache, bundle, target } = await desktopScene([k3sSample(TAG)]);
    const other = rancherDesktopTarget(bundle, { cache, platform: LINUX });
    const outcomes = await Promise.allSettled([installTarget(target), installTarget(other)]);
    expect(outcomes.map(({ status }) => status)).toContain('fulfilled');
    await installTarget(target);
    expect(errorsOf(await target.prove())).toEqual([]);
    expect(namesUnder(join(cache, 'k3s'))).toHaveLength(4);
  });
});

describe('a bundle that Rancher Desktop would trip over', () => {
  const WRONG = [
    k3sSample('v1.30.6+k3s1', { sums: (text) => text.replaceAll('  ', ' *') }),
    k3sSample('v1.30.7+k3s1', { sums: (text) => text.replaceAll('  k3s', '  ./k3s') }),
    k3sSample('v1.30.8+k3s1', { sums: (text) => text.replaceAll(/[0-9a-f]{64}/g, 'a'.repeat(64)) }),
    k3sSample('v1.30.9+k3s1', { without: ['k3s'] }),
    k3sSample('v1.30.10+k3s1', { suffixes: ['.tar.gz'] }),
    k3sSample('v1.30.11+k3s1', { without: ['sha256sum-amd64.txt'] }),
  ];
  const SUMS = 'sha256sum-amd64.txt';
  const FACTS = [
    `Cannot use "${SUMS}": it says "*k3s", and Rancher Desktop looks for "k3s"`,
    `Cannot use "${SUMS}": it says "./k3s", and Rancher Desktop looks for "k3s"`,
    `Cannot place K3s "v1.30.8+k3s1" for Rancher Desktop: "k3s" does not match its line in "${SUMS}"`,
    'Cannot place K3s "v1.30.9+k3s1" for Rancher Desktop: the bundle has no executable for amd64',
    `Cannot place K3s "v1.30.10+k3s1" for Rancher Desktop: the bundle has no "${ZST}" or "${TAR}"`,
    'Cannot place K3s "v1.30.11+k3s1" for Rancher Desktop: the bundle has no sums file for amd64',
  ];

  it('is refused before any change, with everything that is wrong, when nothing is right', async () => {
    const { cache, target } = await desktopScene(WRONG);
    const problems = FACTS.map((fact) => `ERR_TARGET_REFUSED ${fact}`);
    expect([...(await problemsOf(target.plan()))].sort()).toEqual(problems.sort());
    expect(namesUnder(dirname(cache))).toEqual([]);
  });

  it('goes in without what it would trip over, and says so of each', async () => {
    const good = TAG.replace('6', '12');
    const others = ['v1.31.0-rc1+k3s1', 'v1.31.0-alpha1+k3s1', 'v1.17.0+k3s.1', 'x', '../../v1.31.1+k3s1'];
    const { cache, target } = await desktopScene([
      ...WRONG,
      ...others.map((name) => k3sSample(name)),
      k3sSample(good),
    ]);
    expect((await target.plan()).map(({ kind, name }) => `${kind} ${name}`)).toEqual([
      `k3s ${good}`,
      'k3s-versions k3s-versions.json',
    ]);
    const left = (await target.leftOut?.()) ?? [];
    expect(left.map(({ level, message }) => `${level} ${message}`).sort()).toEqual(
      [
        ...FACTS,
        'Rancher Desktop does not take K3s "v1.31.0-rc1+k3s1": it never offers a release candidate',
        'Rancher Desktop does not take K3s "v1.31.0-alpha1+k3s1": it never offers a release candidate',
        ...others
          .slice(2)
          .map((name) => `Rancher Desktop does not take K3s "${name}": it knows no release by such a name`),
      ]
        .map((fact) => `warning ${fact}; the install goes without it`)
        .sort(),
    );
    await installTarget(target);
    expect(readdirSync(join(cache, 'k3s'))).toEqual([good]);
    expect(listIn(cache)).toMatchObject({ versions: [good] });
    expect(errorsOf(await target.prove())).toEqual([]);
  });

  it('is refused when its version list is not one', async () => {
    const { target } = await desktopScene([k3sSample(TAG), versionListSample({ cacheVersion: 3 })]);
    expect(await thrownBy(target.plan())).toMatchObject({ code: 'ERR_DOCUMENT_INVALID' });
  });
});
