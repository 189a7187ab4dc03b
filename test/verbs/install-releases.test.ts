import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { plannedImage } from '../support/planned/items.ts';
import { expectUntouched, install, installLab, TAG } from '../support/sites/install-lab.ts';
import { k3sSample, kubectlSample } from '../support/samples/target-samples.ts';
import { thrownBy } from '../support/thrown.ts';
import { namesUnder } from '../support/tree.ts';

const RC = 'v1.32.1-rc1+k3s1';
const EVERYONE = { audience: ['k3s-node', 'rancher-desktop'] } as const;

describe('a bundle with a release that a target does not take', () => {
  it.each([
    [RC, {}, 'it never offers a release candidate'],
    ['v1.31.2+k3s1', { without: ['k3s'] }, 'the bundle has no executable for amd64'],
    ['nightly', {}, 'it knows no release by such a name'],
  ])('fills Rancher Desktop with the others, and warns of %s %j', async (name, fault, fact) => {
    const lab = await installLab([k3sSample(TAG, EVERYONE), k3sSample(name, { ...EVERYONE, ...fault })]);
    const options = { ...lab.options, targets: { 'rancher-desktop': true } };
    const expected = [
      expect.objectContaining({
        level: 'warning',
        message: expect.stringContaining(`${fact}; the install goes without it`),
      }),
    ];
    const rehearsed = await install({ ...options, dryRun: true });
    expect(rehearsed.findings).toEqual(expected);
    const { actions, findings } = await install(options);
    expect(actions.map(({ name, outcome }) => `${name} ${outcome}`)).toEqual([
      `${TAG} placed`,
      'k3s-versions.json placed',
    ]);
    expect(findings.filter(({ level }) => level !== 'ok')).toEqual(expected);
    const cache = join(lab.home, '.cache/rancher-desktop/k3s');
    expect(readdirSync(cache)).toEqual([TAG]);
  });

  it('does not succeed at nothing', async () => {
    const lab = await installLab([k3sSample(RC, EVERYONE)]);
    const named = install({ ...lab.options, targets: { 'rancher-desktop': true } });
    expect(await thrownBy(named)).toMatchObject({
      code: 'ERR_CONTENT_NOT_FOUND',
      message: expect.stringContaining('it holds no K3s for Rancher Desktop on linux/amd64'),
    });
    expectUntouched(lab);
  });

  it('fills the other targets of a user when none is named', async () => {
    const samples = [
      k3sSample(RC, EVERYONE),
      kubectlSample('1.32.1', 'linux/amd64'),
      plannedImage('docker.io/a/b:1'),
    ];
    const lab = await installLab(samples);
    const { actions } = await install(lab.options);
    expect(actions.map(({ target, outcome }) => `${target} ${outcome}`)).toEqual([
      'kuberlr placed',
      'registry pushed',
    ]);
  });

  it('gives kuberlr the clients that it knows by their names', async () => {
    const samples = [kubectlSample('1.30.6', 'linux/amd64'), kubectlSample('1.31.0-rc.1', 'linux/amd64')];
    const lab = await installLab(samples);
    const { findings } = await install({ ...lab.options, targets: { kuberlr: true } });
    expect(namesUnder(join(lab.home, '.kuberlr'))).toEqual(['linux-amd64', 'linux-amd64/kubectl1.30.6']);
    expect(findings).toMatchObject([
      { level: 'warning', message: expect.stringContaining('"1.31.0-rc.1" is not a version kuberlr knows') },
    ]);
  });
});

describe('--k3s-version', () => {
  const RELEASES = [TAG, 'v1.31.2+k3s1', RC].map((tag) => k3sSample(tag, EVERYONE));

  it.each([
    [undefined, 'v1.31.2+k3s1'],
    [TAG, TAG],
    [RC, RC],
    ['1.30.6', TAG],
  ])('%s puts %s on the node', async (version, tag) => {
    const lab = await installLab(RELEASES);
    const targets = { 'k3s-node': lab.at('node'), 'k3s-version': version };
    const { actions } = await install({ ...lab.options, targets });
    expect(new Set(actions.map(({ name }) => name))).toEqual(new Set([tag]));
    expect(namesUnder(lab.at('node'))).toContain('usr/local/bin/k3s');
  });

  it('says what there is when there is no such release', async () => {
    const lab = await installLab(RELEASES);
    const targets = { 'k3s-node': lab.at('node'), 'k3s-version': 'v1.30.7+k3s1' };
    expect(await thrownBy(install({ ...lab.options, targets }))).toMatchObject({
      code: 'ERR_CONTENT_NOT_FOUND',
      message: 'Cannot set up a node: the bundle has no K3s "v1.30.7+k3s1" for amd64',
      hint: `It has: ${[TAG, 'v1.31.2+k3s1', RC].join(', ')}.`,
    });
    expectUntouched(lab);
  });

  it.each([[{}], [{ 'rancher-desktop': true }]])('is nothing without a node: %j', async (others) => {
    const lab = await installLab(RELEASES);
    const installing = install({ ...lab.options, targets: { ...others, 'k3s-version': TAG } });
    expect(await thrownBy(installing)).toMatchObject({
      code: 'ERR_USAGE_INVALID',
      message: 'Cannot use --k3s-version: it is for the target "k3s-node", which is not named',
      hint: 'Name it: --k3s-node[=ROOT].',
    });
    expectUntouched(lab);
  });
});
