import { describe, expect, it } from 'vitest';
import type { Finding } from '../../../src/internal/finding.ts';
import { parsePlatform } from '../../../src/oci/platform.ts';
import { compareWanted } from '../../../src/steps/check/compare.ts';
import { releaseHoldings } from '../../../src/steps/check/release-holding.ts';
import { gatherWanted } from '../../../src/steps/check/wanted.ts';
import type { PlannedSample } from '../../support/planned/items.ts';
import { packEntries } from '../../support/samples/sample-chart.ts';
import {
  artifactSample,
  bundleOf,
  k3sSample,
  type SampleFile,
} from '../../support/samples/target-samples.ts';

const LIST = 'docker.io/rancher/mirrored-pause:3.6\ndocker.io/rancher/shell:v1\n';
const PAUSE = 'docker.io/rancher/mirrored-pause:3.6';

/** An archive of Docker with one image. */
function archiveOf(image: string, architecture?: string): Uint8Array {
  return packEntries([
    {
      path: 'c.json',
      content: JSON.stringify(architecture === undefined ? {} : { os: 'linux', architecture }),
    },
    { path: 'manifest.json', content: JSON.stringify([{ Config: 'c.json', RepoTags: [image], Layers: [] }]) },
  ]);
}

function k3s(architectures: readonly string[], files: readonly SampleFile[]): PlannedSample {
  return artifactSample(
    { kind: 'k3s', name: 'v1.31.2+k3s1', architectures, audience: ['rancher-desktop'] },
    files,
  );
}

function rke2(
  files: Readonly<Record<string, string | Uint8Array>>,
  windows?: readonly string[],
): PlannedSample {
  return artifactSample(
    {
      kind: 'rke2',
      name: 'v1.31.2+rke2r1',
      architectures: ['amd64', 'arm64'],
      windows,
      audience: ['rke2-node'],
    },
    Object.entries(files).map(([name, content]) => ({ name, bytes: Buffer.from(content) })),
  );
}

async function compared(
  sample: PlannedSample,
  image: string,
  platforms: readonly string[] = [],
): Promise<{
  readonly missing: readonly unknown[];
  readonly archives: readonly unknown[];
  readonly told: readonly string[];
}> {
  const told: Finding[] = [];
  await using bundle = await bundleOf([sample]);
  const { wanted } = await gatherWanted(
    (async function* () {
      yield { type: 'image', text: image, isSure: true, at: () => ({ file: 'a.yaml' }) } as const;
    })(),
    { platforms: platforms.map(parsePlatform) },
  );
  const holdings = await releaseHoldings(bundle, { onFinding: (finding) => void told.push(finding) });
  const { missing, present } = await compareWanted(wanted, holdings);
  return {
    missing: missing.map(({ platform, has, nearest }) => [platform, has, nearest]),
    archives: present.map(({ archive, in: holder }) => [holder, archive]),
    told: told.map(({ message }) => message),
  };
}

const BOTH = k3sSample('v1.31.2+k3s1', { architectures: ['amd64', 'arm64'], imageList: LIST });
const AMD64 = k3sSample('v1.31.2+k3s1', { suffixes: ['.tar.zst', '.tar'], imageList: LIST });
const PARTS = rke2({
  'rke2-images-core.linux-amd64.tar.zst': 'core',
  'rke2-images-core.linux-amd64.txt': `${PAUSE}\n`,
  'rke2-images-canal.linux-arm64.tar.gz': 'canal',
  'rke2-images-canal.linux-arm64.txt': 'docker.io/rancher/hardened-calico:v3\n',
  'rke2-images-all.linux-amd64.txt': 'docker.io/rancher/not-carried:v1\n',
});

describe('a release of K3s or RKE2 in a bundle has what its archives bring to a node', () => {
  it.each<readonly [string, PlannedSample, string, readonly string[], readonly string[]]>([
    ['by its list', AMD64, 'rancher/mirrored-pause:3.6', [], ['k3s-airgap-images-amd64.tar.zst']],
    [
      'by digest as well',
      AMD64,
      `${PAUSE}@sha256:${'a'.repeat(64)}`,
      [],
      ['k3s-airgap-images-amd64.tar.zst'],
    ],
    ['for its architecture', AMD64, PAUSE, ['linux/amd64'], ['k3s-airgap-images-amd64.tar.zst']],
    [
      'for several architectures',
      BOTH,
      PAUSE,
      ['linux/amd64', 'linux/arm64'],
      ['k3s-airgap-images-amd64.tar.zst', 'k3s-airgap-images-arm64.tar.zst'],
    ],
    [
      'for ARMv7',
      k3sSample('v1.31.2+k3s1', { architectures: ['arm'], imageList: LIST }),
      PAUSE,
      ['linux/arm/v7'],
      ['k3s-airgap-images-arm.tar.zst'],
    ],
    ['by part', PARTS, PAUSE, ['linux/amd64'], ['rke2-images-core.linux-amd64.tar.zst']],
    [
      'by part for another architecture',
      PARTS,
      'rancher/hardened-calico:v3',
      ['linux/arm64'],
      ['rke2-images-canal.linux-arm64.tar.gz'],
    ],
    [
      'by itself where no list is beside it',
      k3s(
        ['amd64'],
        [{ name: 'k3s-airgap-images-amd64.tar.gz', bytes: archiveOf('rancher/shell:v2', 'amd64') }],
      ),
      'rancher/shell:v2',
      ['linux/amd64'],
      ['k3s-airgap-images-amd64.tar.gz'],
    ],
    [
      'by its name where it does not say what it is for',
      k3s(['arm64'], [{ name: 'k3s-airgap-images-arm64.tar', bytes: archiveOf('rancher/shell:v2') }]),
      'rancher/shell:v2',
      ['linux/arm64'],
      ['k3s-airgap-images-arm64.tar'],
    ],
    [
      'for Windows',
      rke2({ 'rke2-windows-ltsc2022-amd64-images.tar.gz': archiveOf('rancher/win:v1') }, ['ltsc2022']),
      'rancher/win:v1',
      [],
      ['rke2-windows-ltsc2022-amd64-images.tar.gz'],
    ],
  ])('%s', async (_, sample, image, platforms, archives) => {
    const { missing, archives: found, told } = await compared(sample, image, platforms);
    expect({ missing, told }).toEqual({ missing: [], told: [] });
    expect(found).toEqual(archives.map((archive) => ['lab.tar', archive]));
  });

  it.each<readonly [string, PlannedSample, string, readonly string[], readonly unknown[]]>([
    [
      'of one for another architecture',
      AMD64,
      PAUSE,
      ['linux/arm64'],
      ['linux/arm64', ['linux/amd64'], undefined],
    ],
    [
      'of a part for another architecture',
      PARTS,
      'rancher/hardened-calico:v3',
      ['linux/amd64'],
      ['linux/amd64', ['linux/arm64'], undefined],
    ],
    [
      'and the nearest is told',
      AMD64,
      'rancher/shell:v2',
      [],
      [undefined, undefined, 'docker.io/rancher/shell:v1'],
    ],
    [
      'of a list that no archive belongs to',
      PARTS,
      'rancher/not-carried:v1',
      [],
      [undefined, undefined, undefined],
    ],
    [
      'of a list without its archive',
      k3sSample('v1.31.2+k3s1', { imageList: LIST, without: ['k3s-airgap-images-amd64.tar.zst'] }),
      PAUSE,
      [],
      [undefined, undefined, undefined],
    ],
  ])('and nothing %s', async (_, sample, image, platforms, expected) => {
    expect((await compared(sample, image, platforms)).missing).toEqual([expected]);
  });

  it.each([
    ['a list', k3sSample('v1.31.2+k3s1', { imageList: '<html>no list</html>\n' }), /Cannot read image list/],
    ['an archive', k3sSample('v1.31.2+k3s1'), /k3s-airgap-images-amd64\.tar\.zst/],
  ])('and tells of %s that cannot be read', async (_, sample, expected) => {
    const { missing, told } = await compared(sample, PAUSE);
    expect(missing).toHaveLength(1);
    expect(told).toEqual([
      expect.stringMatching(/^What "k3s-airgap-images-amd64\.tar\.zst" in "lab\.tar" holds is not counted: /),
    ]);
    expect(told[0]).toMatch(expected);
  });
});
