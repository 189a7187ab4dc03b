import { describe, expect, it } from 'vitest';
import type { TargetChoice } from '../../src/targets/choice.ts';
import { chosenTargets } from '../../src/targets/chosen-targets.ts';
import type { TargetContext } from '../../src/targets/kind.ts';
import { memoryRegistries } from '../support/registry/memory-registry.ts';
import { plannedImage, type PlannedSample } from '../support/planned/items.ts';
import { bundleOf, fileSample, k3sSample, kubectlSample } from '../support/samples/target-samples.ts';

const EVERYTHING: readonly PlannedSample[] = [
  plannedImage('docker.io/rancher/rancher:v2.9.2'),
  k3sSample('v1.30.6+k3s1', { architectures: ['amd64', 'arm64'] }),
  kubectlSample('1.30.6', 'linux/amd64'),
  kubectlSample('1.30.6', 'darwin/arm64'),
  fileSample('tool'),
];
const LINUX: TargetContext = {
  host: { os: 'linux', env: {}, home: '/home/ana' },
  platform: { os: 'linux', architecture: 'amd64' },
  registryAt: (host) => memoryRegistries({}).registryOf(host),
};

describe('chosenTargets', () => {
  it('takes, with none named, all of this user that the bundle holds something for', async () => {
    expect(await places(EVERYTHING, {})).toEqual([
      'rancher-desktop /home/ana/.cache/rancher-desktop',
      'kuberlr /home/ana/.kuberlr',
      'registry localhost:5000',
    ]);
  });

  it.each([
    ['images', [plannedImage('docker.io/rancher/rancher:v2.9.2')], ['registry localhost:5000']],
    ['K3s', [k3sSample('v1.30.6+k3s1')], ['rancher-desktop /home/ana/.cache/rancher-desktop']],
    ['a client', [kubectlSample('1.30.6', 'linux/amd64')], ['kuberlr /home/ana/.kuberlr']],
  ])(
    'leaves out, with none named, what the bundle holds nothing for: only %s',
    async (_, samples, expected) => {
      expect(await places(samples, {})).toEqual(expected);
    },
  );

  it.each([
    ['files', [fileSample('tool')]],
    ['K3s for nodes', [k3sSample('v1.30.6+k3s1', { audience: ['k3s-node'] })]],
    [
      'things for another platform',
      [kubectlSample('1.30.6', 'darwin/arm64'), k3sSample('v1.30.6+k3s1', { architectures: ['arm64'] })],
    ],
    ['nothing', []],
  ])('does not succeed at nothing: only %s', async (_, samples) => {
    await expect(places(samples, {})).rejects.toMatchObject({
      code: 'ERR_CONTENT_NOT_FOUND',
      message: expect.stringContaining(
        'it holds no K3s for Rancher Desktop, no kubectl for kuberlr, no images, for linux/amd64',
      ),
    });
  });

  it.each([
    [{ files: '/srv/files' }, ['files /srv/files']],
    [{ kuberlr: true }, ['kuberlr /home/ana/.kuberlr']],
    [{ kuberlr: '/mnt/k', 'rancher-desktop': false }, ['kuberlr /mnt/k']],
    [{ 'rancher-desktop': '/mnt/c' }, ['rancher-desktop /mnt/c']],
    [{ 'k3s-node': true }, ['k3s-node /']],
    [{ 'k3s-node': '/mnt/root' }, ['k3s-node /mnt/root']],
    [
      { registry: ['harbor.lab/mirror', 'r:5000', 'r:5000'] },
      ['registry harbor.lab/mirror', 'registry r:5000'],
    ],
    [
      { registry: ['r:5000'], files: 'x/../f', 'rancher-desktop': true },
      ['rancher-desktop /home/ana/.cache/rancher-desktop', `files ${process.cwd()}/f`, 'registry r:5000'],
    ],
  ])('touches only what is named: %o', async (choice, expected) => {
    expect(await places(EVERYTHING, choice)).toEqual(expected);
  });

  it.each([
    [{ files: '/srv' }, 'Cannot install "lab.tar" to target "files": it holds no files'],
    [{ registry: ['r:5000'] }, 'Cannot install "lab.tar" to target "registry": it holds no images'],
    [
      { 'k3s-node': true },
      'Cannot install "lab.tar" to target "k3s-node": it holds no K3s for a node on linux/amd64',
    ],
    [
      { 'rancher-desktop': true },
      'Cannot install "lab.tar" to target "rancher-desktop": it holds no K3s for Rancher Desktop on linux/amd64',
    ],
    [
      { kuberlr: true },
      'Cannot install "lab.tar" to target "kuberlr": it holds no kubectl for kuberlr on linux/amd64',
    ],
  ])('says so when a named target would get nothing: %o', async (choice, message) => {
    const samples = [
      kubectlSample('1.30.6', 'darwin/arm64'),
      k3sSample('v1.30.6+k3s1', { architectures: ['arm'] }),
    ];
    await expect(places(samples, choice)).rejects.toMatchObject({ code: 'ERR_CONTENT_NOT_FOUND', message });
  });

  it.each([
    [{ 'rancher-desktop': true }, '--rancher-desktop=DIR'],
    [{ kuberlr: true }, '--kuberlr=DIR'],
    [{ 'k3s-node': true }, '--k3s-node=ROOT'],
    [{}, '--rancher-desktop=DIR'],
  ])('wants to know where when the bundle is for another system: %o', async (choice, hint) => {
    const platform = { os: 'darwin', architecture: 'arm64' };
    await expect(places(EVERYTHING, choice, { ...LINUX, platform })).rejects.toMatchObject({
      code: 'ERR_USAGE_INVALID',
      hint: expect.stringContaining(hint),
    });
  });

  it('prepares for another system in the directories that are named', async () => {
    const platform = { os: 'darwin', architecture: 'arm64' };
    const choice = { 'rancher-desktop': '/mnt/cache', kuberlr: '/mnt/kuberlr' };
    expect(await places(EVERYTHING, choice, { ...LINUX, platform })).toEqual([
      'rancher-desktop /mnt/cache',
      'kuberlr /mnt/kuberlr',
    ]);
  });

  it('needs a root for a node where this host is not Linux', async () => {
    const mac = {
      ...LINUX,
      host: { os: 'darwin', env: {}, home: '/Users/ana' },
      platform: { os: 'darwin', architecture: 'arm64' },
    };
    await expect(places(EVERYTHING, { 'k3s-node': true }, mac)).rejects.toMatchObject({
      code: 'ERR_USAGE_INVALID',
    });
    expect(await places(EVERYTHING, { 'k3s-node': '/Volumes/disk' }, mac)).toEqual([
      'k3s-node /Volumes/disk',
    ]);
  });

  it.each([[{ files: '' }], [{ kuberlr: '' }], [{ registry: ['http://r'] }]])(
    'refuses what cannot be meant: %o',
    async (choice) => {
      await expect(places(EVERYTHING, choice)).rejects.toMatchObject({ code: 'ERR_USAGE_INVALID' });
    },
  );
});

async function places(
  samples: readonly PlannedSample[],
  choice: TargetChoice,
  context = LINUX,
): Promise<readonly string[]> {
  const targets = await chosenTargets(await bundleOf(samples), choice, context);
  return targets.map(({ name, place }) => `${name} ${place}`);
}
