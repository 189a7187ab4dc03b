import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { OpenBundle } from '../../../src/bundle/bundle.ts';
import { clientItems } from '../../../src/targets/kuberlr/client-items.ts';
import { kuberlrTarget } from '../../../src/targets/kuberlr/kuberlr.ts';
import type { Target } from '../../../src/targets/target.ts';
import { brokenOff, faultyBundle } from '../../support/archives/faulty-bundle.ts';
import { installTarget } from '../../support/sites/install-target.ts';
import type { PlannedSample } from '../../support/planned/items.ts';
import {
  artifactSample,
  bundleOf,
  clientBytes,
  k3sSample,
  kubectlSample,
} from '../../support/samples/target-samples.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import { problemsOf, thrownBy } from '../../support/thrown.ts';
import { filesUnder, modeOf, namesUnder, stampOf } from '../../support/tree.ts';

const LINUX = { os: 'linux', architecture: 'amd64' };

describe('the kuberlr target', () => {
  it('puts each client under the name kuberlr looks for, executable, in a folder that is private', async () => {
    const { folder, target } = await setUp([
      kubectlSample('1.30.6', 'linux/amd64'),
      kubectlSample('1.31.2', 'linux/amd64'),
      kubectlSample('1.31.2', 'linux/arm64'),
      kubectlSample('1.31.2', 'windows/amd64'),
    ]);
    expect((await installTarget(target)).map(({ outcome }) => outcome)).toEqual(['placed', 'placed']);
    expect(namesUnder(folder)).toEqual([
      'linux-amd64',
      'linux-amd64/kubectl1.30.6',
      'linux-amd64/kubectl1.31.2',
    ]);
    expect(modeOf(folder)).toBe('750');
    expect(modeOf(join(folder, 'linux-amd64'))).toBe('750');
    expect(modeOf(join(folder, 'linux-amd64', 'kubectl1.30.6'))).toBe('755');
    expect(readFileSync(join(folder, 'linux-amd64', 'kubectl1.30.6'))).toEqual(
      clientBytes('1.30.6', 'linux/amd64'),
    );
  });

  it('tells of the other place where kuberlr may look on this host', async () => {
    const { bundle, folder } = await setUp([kubectlSample('1.30.6', 'linux/amd64')]);
    const target = kuberlrTarget(bundle, { folder, other: 'C:\\Users\\x\\.kuberlr', platform: LINUX });
    await installTarget(target);
    expect(await target.prove()).toMatchObject([
      {
        level: 'warning',
        message: expect.stringContaining(`looks in C:\\Users\\x\\.kuberlr, and not in ${folder}`),
        hint: expect.stringContaining('--kuberlr=C:\\Users\\x\\.kuberlr'),
      },
    ]);
  });

  it('calls clients for Windows .exe', async () => {
    const platform = { os: 'windows', architecture: 'amd64' };
    const { folder, target } = await setUp([kubectlSample('1.30.6', 'windows/amd64')], platform);
    await installTarget(target);
    expect(namesUnder(folder)).toEqual(['windows-amd64', 'windows-amd64/kubectl1.30.6.exe']);
  });

  it('fills both folders on Apple silicon', async () => {
    const platform = { os: 'darwin', architecture: 'arm64' };
    const samples = [
      kubectlSample('1.30.6', 'darwin/arm64'),
      kubectlSample('1.30.6', 'darwin/amd64'),
      k3sSample('v1.30.6+k3s1'),
    ];
    const { folder, target } = await setUp(samples, platform);
    await installTarget(target);
    expect(namesUnder(folder)).toEqual([
      'darwin-amd64',
      'darwin-amd64/kubectl1.30.6',
      'darwin-arm64',
      'darwin-arm64/kubectl1.30.6',
    ]);
    expect(await target.prove()).toEqual([
      { level: 'ok', message: 'kuberlr will use kubectl1.30.6 for K3s v1.30.6+k3s1' },
      { level: 'ok', message: 'kuberlr will use kubectl1.30.6 for K3s v1.30.6+k3s1 (darwin-amd64)' },
    ]);
    expect(clientItems(await bundleOf(samples), { os: 'darwin', architecture: 'amd64' })).toHaveLength(1);
  });

  it('changes nothing the second time', async () => {
    const { folder, target } = await setUp([kubectlSample('1.30.6', 'linux/amd64')]);
    await installTarget(target);
    const stamps = namesUnder(folder).map((name) => stampOf(join(folder, name)));
    expect((await target.plan()).map(({ state, bytes }) => [state, bytes])).toEqual([['present', 0]]);
    expect((await installTarget(target)).map(({ outcome }) => outcome)).toEqual(['present']);
    expect(namesUnder(folder).map((name) => stampOf(join(folder, name)))).toEqual(stamps);
  });

  it.each([
    ['damaged', (path: string) => writeFileSync(path, 'x')],
    ['not executable', (path: string) => chmodSync(path, 0o644)],
  ])('repairs a client that is %s', async (_, damage) => {
    const { folder, target } = await setUp([kubectlSample('1.30.6', 'linux/amd64')]);
    await installTarget(target);
    damage(join(folder, 'linux-amd64', 'kubectl1.30.6'));
    expect(await target.prove()).toEqual([
      { level: 'error', message: `${join(folder, 'linux-amd64', 'kubectl1.30.6')} is damaged` },
    ]);
    expect((await installTarget(target)).map(({ outcome }) => outcome)).toEqual(['replaced']);
    expect(await target.prove()).toEqual([]);
  });

  it('never has a file beside the clients in their folder, not even while it writes', async () => {
    const { folder, bundle } = await setUp([kubectlSample('1.30.6', 'linux/amd64')]);
    const seen: string[] = [];
    const watching = faultyBundle(bundle, async function* (_, honest) {
      for await (const chunk of honest) {
        if (existsSync(join(folder, 'linux-amd64')))
          seen.push(...readdirSync(join(folder, 'linux-amd64')), 'looked');
        yield chunk;
      }
    });
    await installTarget(kuberlrTarget(watching, { folder, platform: LINUX }));
    expect(new Set(seen)).toEqual(new Set(['looked']));
  });

  it('leaves no trace of a client that could not be read', async () => {
    const { folder, bundle } = await setUp([kubectlSample('1.30.6', 'linux/amd64')]);
    const client = clientBytes('1.30.6', 'linux/amd64').length;
    const broken = faultyBundle(bundle, (digest, honest) =>
      bundle.sizeOf(digest) === client ? brokenOff(honest) : honest,
    );
    const target = kuberlrTarget(broken, { folder, platform: LINUX });
    expect(await thrownBy(installTarget(target))).toMatchObject({ code: 'ERR_DISK_FAILED' });
    expect(filesUnder(folder)).toEqual({});
    await installTarget(kuberlrTarget(bundle, { folder, platform: LINUX }));
    expect(namesUnder(folder)).toEqual(['linux-amd64', 'linux-amd64/kubectl1.30.6']);
  });

  it('refuses a version that is not one, before any change', async () => {
    const bad = ['../../.bashrc', '1.30', 'v1.30.6', '1.30.6-rc.1', '1.30.6+k3s1'].map((version) =>
      artifactSample(
        { kind: 'kubectl', name: `x${version}`, version, platform: 'linux/amd64', audience: ['kuberlr'] },
        [{ name: 'kubectl', bytes: Buffer.from(version) }],
      ),
    );
    const { folder, target } = await setUp(bad);
    const problems = await problemsOf(target.plan());
    expect(problems).toHaveLength(bad.length);
    for (const problem of problems)
      expect(problem).toMatch(/^ERR_TARGET_REFUSED .*is not a version kuberlr knows$/);
    expect(existsSync(folder)).toBe(false);
  });

  it('refuses an item of two files', async () => {
    const item = {
      kind: 'kubectl',
      name: 'v1.30.6 linux/amd64',
      version: '1.30.6',
      platform: 'linux/amd64',
      audience: ['kuberlr'],
    } as const;
    const files = ['a', 'b'].map((name) => ({ name, bytes: Buffer.from(name) }));
    const { target } = await setUp([artifactSample(item, files)]);
    expect(await thrownBy(target.plan())).toMatchObject({ code: 'ERR_TARGET_REFUSED' });
    expect(await problemsOf(target.plan())).toEqual([
      'ERR_BUNDLE_INVALID Cannot read kubectl "v1.30.6 linux/amd64": expected one file, found 2',
    ]);
  });
});

describe('the proof', () => {
  it('says for every K3s of the bundle what kuberlr will run, of all that is in its folder', async () => {
    const { folder, target } = await setUp([
      kubectlSample('1.30.6', 'linux/amd64'),
      k3sSample('v1.30.6+k3s1'),
      k3sSample('v1.33.1+k3s1'),
      k3sSample('v1.29.4+k3s1', { audience: ['k3s-node'] }),
    ]);
    await installTarget(target);
    // Someone else's client is a client too.
    writeFileSync(join(folder, 'linux-amd64', 'kubectl1.31.2'), '');
    expect(await target.prove()).toEqual([
      { level: 'ok', message: 'kuberlr will use kubectl1.30.6 for K3s v1.29.4+k3s1' },
      { level: 'ok', message: 'kuberlr will use kubectl1.31.2 for K3s v1.30.6+k3s1' },
      {
        level: 'warning',
        message: 'kuberlr has no client for K3s v1.33.1+k3s1 and would try to download one',
        hint: 'Add kubectl 1.33.1 for linux/amd64 to the spec, if it was published.',
      },
    ]);
  });

  it('warns of files that kuberlr would run by mistake', async () => {
    const { folder, target } = await setUp([kubectlSample('1.30.6', 'linux/amd64')]);
    mkdirSync(join(folder, 'linux-amd64'), { recursive: true });
    for (const name of ['kubectl1.30.6.sha512', 'kubectl1.22', 'README'])
      writeFileSync(join(folder, 'linux-amd64', name), '');
    await installTarget(target);
    expect(await target.prove()).toEqual([
      {
        level: 'warning',
        message: `kuberlr takes ${join(folder, 'linux-amd64', 'kubectl1.30.6.sha512')} for a client and may run it`,
        hint: 'Remove it.',
      },
    ]);
  });
});

async function setUp(
  samples: readonly PlannedSample[],
  platform = LINUX,
): Promise<{ readonly bundle: OpenBundle; readonly folder: string; readonly target: Target }> {
  const scratch = temporaryFolder();
  onTestFinished(() => scratch[Symbol.dispose]());
  const folder = join(scratch.path, '.kuberlr');
  const bundle = await bundleOf(samples);
  return { bundle, folder, target: kuberlrTarget(bundle, { folder, platform }) };
}
