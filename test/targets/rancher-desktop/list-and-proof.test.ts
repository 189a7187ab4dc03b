import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  desktopScene,
  errorsOf,
  LIST,
  listIn,
  OTHER,
  TAG,
  TAR,
  writeList,
} from '../../support/sites/desktop-scene.ts';
import { installTarget } from '../../support/sites/install-target.ts';
import { k3sSample, versionListSample } from '../../support/samples/target-samples.ts';
import { thrownBy } from '../../support/thrown.ts';
import { filesUnder } from '../../support/tree.ts';

describe('a version list that is there already', () => {
  it('is united with ours, and the build in the cache is the one that counts', async () => {
    const { cache, target } = await desktopScene([k3sSample(TAG), versionListSample(LIST)]);
    writeList(cache, {
      cacheVersion: 2,
      versions: ['v1.27.1+k3s1', 'v1.30.6+k3s2'],
      channels: { stable: '1.30.6', mine: '1.27.1' },
    });
    const results = await installTarget(target);
    expect(results.at(-1)?.outcome).toBe('merged');
    expect(listIn(cache)).toEqual({
      cacheVersion: 2,
      versions: ['v1.27.1+k3s1', 'v1.29.4+k3s1', 'v1.30.6+k3s2', TAG, OTHER],
      channels: { latest: '1.31.2', mine: '1.27.1', stable: '1.30.6' },
    });
    expect(errorsOf(await target.prove())).toEqual([]);
    expect((await installTarget(target)).at(-1)?.outcome).toBe('present');
  });

  it.each([
    ['of schema 0', '["v1.20.6+k3s1"]'],
    ['of schema 1', '[{"version":"v1.22.6+k3s1","channels":["stable"]}]'],
    ['cut short', '{"cacheVersion":2,"vers'],
    ['empty', ''],
  ])('is kept beside ours when it is %s', async (_, text) => {
    const { cache, target } = await desktopScene([k3sSample(TAG)]);
    mkdirSync(cache, { recursive: true });
    writeFileSync(join(cache, 'k3s-versions.json'), text);
    writeFileSync(join(cache, 'k3s-versions.json.bak'), 'of an earlier day');
    const results = await installTarget(target);
    expect(results.at(-1)).toMatchObject({
      outcome: 'replaced',
      leaves: { paths: [join(cache, 'k3s-versions.json'), join(cache, 'k3s-versions.json.bak.1')] },
    });
    const files = filesUnder(cache);
    expect(files['k3s-versions.json.bak']).toBe('of an earlier day');
    expect(files['k3s-versions.json.bak.1']).toBe(text);
    expect(listIn(cache)).toMatchObject({ versions: [TAG] });
  });

  it('is refused when it is a folder', async () => {
    const { cache, target } = await desktopScene([k3sSample(TAG)]);
    mkdirSync(join(cache, 'k3s-versions.json'), { recursive: true });
    expect(await thrownBy(target.plan())).toMatchObject({ code: 'ERR_TARGET_REFUSED' });
  });
});

describe('the proof', () => {
  it('finds a version that the list does not have, or has as another build', async () => {
    const { cache, target } = await desktopScene([k3sSample(TAG)]);
    await installTarget(target);
    writeList(cache, { cacheVersion: 2, versions: [], channels: {} });
    expect(await target.prove()).toEqual([
      {
        level: 'error',
        message: `Rancher Desktop will not accept ${TAG}: k3s-versions.json does not list it`,
      },
    ]);
    writeList(cache, { cacheVersion: 2, versions: [TAG, 'v1.30.6+k3s2'], channels: {} });
    expect(await target.prove()).toEqual([
      {
        level: 'error',
        message: `Rancher Desktop will not accept ${TAG}: of version 1.30.6 it uses v1.30.6+k3s2`,
      },
    ]);
    writeFileSync(join(cache, 'k3s-versions.json'), '[]');
    expect(await target.prove()).toEqual([
      { level: 'error', message: 'Rancher Desktop cannot read k3s-versions.json in its cache' },
    ]);
  });

  it('says that of two builds of one version the higher is used', async () => {
    const { target } = await desktopScene([k3sSample(TAG), k3sSample('v1.30.6+k3s2')]);
    await installTarget(target);
    expect(await target.prove()).toEqual([
      {
        level: 'warning',
        message: `Rancher Desktop will not accept ${TAG}: of version 1.30.6 it uses v1.30.6+k3s2`,
      },
      { level: 'ok', message: 'Rancher Desktop will accept v1.30.6+k3s2' },
    ]);
  });

  it('warns of a version below what current Rancher Desktop offers', async () => {
    const { target } = await desktopScene([k3sSample('v1.25.2+k3s1'), k3sSample('v1.25.3+k3s1')]);
    await installTarget(target);
    expect((await target.prove()).filter(({ level }) => level === 'warning')).toMatchObject([
      { message: expect.stringContaining('will not offer v1.25.2+k3s1: it is below 1.25.3') },
    ]);
  });

  it('warns of a missing pause image, and not where it is on the list', async () => {
    const list = (pause: string): string =>
      `docker.io/rancher/klipper-lb:v0.4.17\ndocker.io/rancher/mirrored-pause:${pause}\n`;
    const { target } = await desktopScene([
      k3sSample(TAG, { imageList: list('3.6') }),
      k3sSample(OTHER, { imageList: list('3.10.2') }),
    ]);
    await installTarget(target);
    expect((await target.prove()).filter(({ level }) => level === 'warning')).toMatchObject([
      { message: expect.stringMatching(/no pod of v1\.31\.2\+k3s1 offline.*rancher\/mirrored-pause:3\.6/) },
    ]);
  });

  it('warns of versions whose images have different suffixes, those of others in the cache too', async () => {
    const { cache, target } = await desktopScene([k3sSample(TAG)]);
    const folder = join(cache, 'k3s', 'v1.29.4+k3s1');
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, TAR), '');
    await installTarget(target);
    expect((await target.prove()).filter(({ level }) => level === 'warning')).toMatchObject([
      { message: expect.stringContaining('for v1.29.4+k3s1: it has only .tar images') },
    ]);
  });
});
