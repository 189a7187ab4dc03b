import { describe, expect, it } from 'vitest';
import { resolveRancher } from '../../../src/sources/rancher/rancher.ts';
import { DIVIDED_RELEASE, NODE_RELEASES, ORPHAN } from '../../support/sites/rancher-release.ts';
import { type SourceBench, startBench } from '../../support/sites/source-context.ts';
import { hintsOf, problemsOf } from '../../support/thrown.ts';

type Wish = Omit<Parameters<typeof resolveRancher>[0], 'version' | 'windows'> & {
  readonly windows?: boolean;
};

const bench = async (release = DIVIDED_RELEASE): Promise<SourceBench> =>
  await startBench({ rancher: [release], ...NODE_RELEASES });
const resolve = async (wish: Wish, { context }: SourceBench) =>
  await resolveRancher({ version: 'v2.9.3', windows: false, ...wish }, context);

const short = (images: readonly string[]): readonly string[] =>
  images.map((image) => image.replace(/^(?:docker\.io\/)?rancher\//, ''));

const K3S_ONLY = ['local-path-provisioner:v0.0.28', 'mirrored-metrics-server:v0.7.0'];
const KUBECTL = { monitoringAndGatekeeper: 'kubectl:v1.20.2', backup: 'kubectl:v1.28.12' };

describe('the images of a release of Rancher', () => {
  it('are all that it lists when nothing is chosen, and are told by parts', async () => {
    await using site = await bench();
    const { linux, added, parts = [], items } = await resolve({}, site);
    expect(linux).toEqual(DIVIDED_RELEASE.images);
    expect(added).toEqual([]);
    expect(parts.flatMap(({ leftOut }) => leftOut)).toEqual([]);
    const part = (name: string) => parts.find((each) => each.name === name);
    expect(part('monitoring')?.images).toContain('docker.io/rancher/kubectl:v1.20.2');
    expect(part('unlisted')?.images).toEqual([`docker.io/${ORPHAN}`]);
    expect(part('rancher')).toMatchObject({ without: undefined });
    expect(filesOf(items)).toEqual(['rancher-images-sources.txt', 'rancher-images.txt', 'sha256sum.txt']);
  });

  it.each<readonly [string, Wish, readonly string[], readonly string[]]>([
    [
      'without a part, but for what others want too',
      { without: ['monitoring', 'logging', 'istio'] },
      [KUBECTL.monitoringAndGatekeeper, KUBECTL.backup, ...K3S_ONLY],
      [
        'mirrored-prometheus-prometheus:v2.50.1',
        'mirrored-fluent-fluent-bit:3.0.4',
        'mirrored-istio-pilot:1.23.2-distroless',
        'istio-installer:1.23.2-rancher1',
      ],
    ],
    [
      'without all parts that want one',
      { without: ['monitoring', 'gatekeeper'] },
      [KUBECTL.backup],
      [KUBECTL.monitoringAndGatekeeper, 'mirrored-openpolicyagent-gatekeeper:v3.13.0'],
    ],
    [
      'of some parts alone, with what every installation needs',
      { only: ['backup', 'k3s'] },
      [
        'rancher:v2.9.3',
        'rancher-agent:v2.9.3',
        'rancher-webhook:v0.5.3',
        'fleet:v0.10.4',
        'shell:v0.2.2',
        'system-upgrade-controller:v0.13.4',
        'backup-restore-operator:v5.0.2',
        KUBECTL.backup,
        ...K3S_ONLY,
        'klipper-lb:v0.4.9',
      ],
      [
        'rke2-runtime:v1.30.4-rke2r1',
        'kube-api-auth:v0.2.2',
        'ui-plugin-catalog:3.1.0',
        'security-scan:v0.2.18',
      ],
    ],
    [
      'of K3s without RKE2 keep what both want',
      { without: ['rke2'] },
      ['klipper-lb:v0.4.9', 'mirrored-pause:3.6', 'harvester-csi-driver:v0.2.1'],
      ['hardened-etcd:v3.5.13-k3s1-build20240531', 'rke2-upgrade:v1.30.4-rke2r1'],
    ],
    [
      'without a chart alone',
      { without: ['harvester-csi-driver'] },
      ['harvester-csi-driver:v0.2.1'],
      ['mirrored-longhornio-csi-attacher:v3.2.1'],
    ],
    [
      'of one minor of Kubernetes: what its K3s and RKE2 list, and what upgrades and installs them',
      { kubernetes: ['v1.29'] },
      [
        'k3s-upgrade:v1.29.8-k3s1',
        'system-agent-installer-rke2:v1.29.8-rke2r1',
        'hardened-etcd:v3.5.9-k3s1-build20230802',
        'mirrored-coredns-coredns:1.10.0',
        'mirrored-pause:3.6',
        // Other charts want them.
        'harvester-csi-driver:v0.2.1',
        KUBECTL.backup,
      ],
      [
        'k3s-upgrade:v1.30.4-k3s1',
        'system-agent-installer-rke2:v1.30.4-rke2r1',
        'hardened-etcd:v3.5.13-k3s1-build20240531',
        'mirrored-coredns-coredns:1.10.1',
        ...K3S_ONLY,
      ],
    ],
    [
      'of one release of one of the two',
      { kubernetes: ['v1.30.4+k3s1'] },
      ['k3s-upgrade:v1.30.4-k3s1', 'mirrored-coredns-coredns:1.10.1', ...K3S_ONLY],
      [
        'rke2-upgrade:v1.30.4-rke2r1',
        'hardened-etcd:v3.5.13-k3s1-build20240531',
        'mirrored-coredns-coredns:1.10.0',
      ],
    ],
    [
      'of two minors, without RKE2',
      { kubernetes: ['1.29', '1.30.4'], without: ['rke2'] },
      ['k3s-upgrade:v1.30.4-k3s1', 'k3s-upgrade:v1.29.8-k3s1', 'mirrored-coredns-coredns:1.10.0'],
      ['rke2-upgrade:v1.30.4-rke2r1', 'rke2-upgrade:v1.29.8-rke2r1'],
    ],
  ])('are, %s', async (_, wish, taken, out) => {
    await using site = await bench();
    const { linux } = await resolve(wish, site);
    const names = short(linux);
    expect(names).toEqual(expect.arrayContaining([...taken, ORPHAN]));
    expect(out.filter((name) => names.includes(name))).toEqual([]);
    expect(site.warnings).toEqual([]);
  });

  it('are divided for Windows as well, and one tag stays that either wants', async () => {
    await using site = await bench();
    const { windows, parts = [] } = await resolve({ windows: true, without: ['monitoring'] }, site);
    expect(windows).toEqual(['rancher/wins:v0.4.19', 'rancher/shell:v0.2.2']);
    expect(parts.find(({ name }) => name === 'monitoring')?.leftOut).toContain(
      'docker.io/rancher/windows-exporter:v0.25.1',
    );
  });

  it('are kept for Windows when the release does not say what wants them', async () => {
    const { windowsSources: _, ...release } = DIVIDED_RELEASE;
    await using site = await bench(release);
    const { windows } = await resolve({ windows: true, without: ['monitoring'] }, site);
    expect(windows).toEqual(DIVIDED_RELEASE.windows);
  });

  it('are added for a release of K3s that Rancher does not list, with a warning', async () => {
    await using site = await bench();
    const { linux, added, parts = [] } = await resolve({ kubernetes: ['v1.31.5+k3s1'] }, site);
    expect(short(added)).toEqual([
      'k3s-upgrade:v1.31.5-k3s1',
      'mirrored-coredns-coredns:1.12.0',
      'system-agent-installer-k3s:v1.31.5-k3s1',
    ]);
    expect(short(linux)).toContain('mirrored-pause:3.6');
    expect(parts.find(({ name }) => name === 'k3s')?.images).toEqual(expect.arrayContaining([...added]));
    expect(site.warnings.map(({ message }) => message)).toEqual([
      'Rancher v2.9.3 does not list K3s v1.31.5+k3s1: its images are taken all the same',
    ]);
  });

  it('are told to be of one distribution alone where the other has no release of a minor', async () => {
    const isKept = (image: string): boolean => !/(?:k3s-upgrade|installer-k3s):v1\.29\.8/.test(image);
    await using site = await bench({
      ...DIVIDED_RELEASE,
      images: DIVIDED_RELEASE.images.filter(isKept),
    });
    const { linux } = await resolve({ kubernetes: ['v1.29'] }, site);
    expect(short(linux)).toContain('rke2-upgrade:v1.29.8-rke2r1');
    expect(site.warnings.map(({ message }) => message)).toEqual([
      expect.stringMatching(/^Rancher v2\.9\.3 lists no release of K3s for Kubernetes "v1\.29"/),
    ]);
  });

  it('are added where the list has one of those that upgrade and install, and not the other', async () => {
    const images = DIVIDED_RELEASE.images.filter((image) => !image.includes('installer-k3s:v1.29.8'));
    await using site = await bench({ ...DIVIDED_RELEASE, images });
    const { added } = await resolve({ kubernetes: ['v1.29'] }, site);
    expect(short(added)).toEqual(['system-agent-installer-k3s:v1.29.8-k3s1']);
  });

  it('leave a list of what was left out, with its parts', async () => {
    await using site = await bench();
    const { items } = await resolve({ without: ['istio', 'logging'] }, site);
    expect(filesOf(items)).toContain('left-out-images.txt');
    const text = items.flatMap(({ blobs }) =>
      blobs.flatMap(({ descriptor, origin }) =>
        descriptor.annotations?.['org.opencontainers.image.title'] === 'left-out-images.txt' &&
        origin.type === 'bytes'
          ? [Buffer.from(origin.bytes).toString()]
          : [],
      ),
    );
    expect(text.join('')).toContain('docker.io/rancher/mirrored-istio-pilot:1.23.2-distroless istio\n');
    expect(text.join('')).not.toContain('prometheus');
  });
});

describe('parts of Rancher that cannot be chosen', () => {
  it.each<readonly [string, Wish, RegExp, RegExp]>([
    [
      'a name that is misspelled',
      { without: ['istoi'] },
      /^ERR_UPSTREAM_NOT_FOUND Cannot find part "istoi" of Rancher v2\.9\.3: the release has none of this name$/,
      /^The nearest is "istio"\. It has: backup, cis, extensions, .*, vsphere\.$/,
    ],
    [
      'a part that this release has not',
      { only: ['elemental'] },
      /^ERR_UPSTREAM_NOT_FOUND Cannot find part "elemental"/,
      /^It has: backup/,
    ],
    [
      'what every installation needs',
      { without: ['fleet'] },
      /^ERR_SPEC_INVALID Cannot leave out "fleet" of Rancher v2\.9\.3/,
      /Take it out of "without"/,
    ],
    [
      'a minor that it does not list',
      { kubernetes: ['v1.35'] },
      /^ERR_UPSTREAM_NOT_FOUND Cannot find Kubernetes "v1\.35" in Rancher v2\.9\.3/,
      /^It lists v1\.29, v1\.30\. /,
    ],
    [
      'a release of what is left out',
      { kubernetes: ['v1.30.4+rke2r1'], without: ['rke2'] },
      /^ERR_SPEC_INVALID Cannot take RKE2 v1\.30\.4\+rke2r1 with Rancher v2\.9\.3: its part "rke2" is not taken/,
      /"without"/,
    ],
    [
      'versions of Kubernetes where neither K3s nor RKE2 is taken',
      { only: ['monitoring'], kubernetes: ['v1.30'] },
      /^ERR_SPEC_INVALID Cannot choose versions of Kubernetes for Rancher v2\.9\.3/,
      /"only"/,
    ],
    [
      'a release of K3s that does not exist',
      { kubernetes: ['v1.30.77+k3s1'] },
      /^ERR_UPSTREAM_NOT_FOUND Cannot find K3s version "v1\.30\.77\+k3s1"/,
      /The nearest is "v1\.30\.4\+k3s1"/,
    ],
  ])('are told: %s', async (_, wish, problem, hint) => {
    await using site = await bench();
    expect(await problemsOf(resolve(wish, site))).toEqual([expect.stringMatching(problem)]);
    expect(await hintsOf(resolve(wish, site))).toEqual([expect.stringMatching(hint)]);
  });

  it('are all told at once', async () => {
    await using site = await bench();
    const problems = await problemsOf(resolve({ without: ['istoi', 'core', 'nothing'] }, site));
    expect(problems.map((problem) => problem.replace(/ of Rancher.*/, ''))).toEqual([
      'ERR_UPSTREAM_NOT_FOUND Cannot find part "istoi"',
      'ERR_UPSTREAM_NOT_FOUND Cannot find part "nothing"',
      'ERR_SPEC_INVALID Cannot leave out "core"',
    ]);
  });

  it('are those of a release from before it said what wants its images', async () => {
    const { sources: _, ...older } = DIVIDED_RELEASE;
    for (const wish of [{ without: ['istio'] }, { only: ['istio'] }, { kubernetes: ['v1.30'] }]) {
      await using site = await bench(older);
      expect(await problemsOf(resolve(wish, site))).toEqual([
        'ERR_UPSTREAM_NOT_FOUND Cannot divide Rancher v2.9.3 into parts: the release has no "rancher-images-sources.txt"',
      ]);
      expect(await hintsOf(resolve(wish, site))).toEqual([expect.stringContaining('excludeImages')]);
    }
    await using site = await bench(older);
    const { linux, parts } = await resolve({}, site);
    expect({ linux, parts }).toEqual({ linux: DIVIDED_RELEASE.images, parts: undefined });
  });

  it.each([
    ['of what wants its images', 'rancher-images-sources.txt', { without: ['istio'] }],
    ['of the images of an RKE2 release', 'rke2-images-all.linux-amd64.txt', { kubernetes: ['v1.30'] }],
  ])('are those whose list %s is not what the sums say', async (_, name, wish) => {
    await using site = await bench();
    site.upstream.faults.add({ path: new RegExp(`/${name}$`), answer: 'wrong-bytes' });
    expect(await problemsOf(resolve(wish, site))).toEqual([expect.stringMatching(/^ERR_DIGEST_MISMATCH /)]);
  });
});

function filesOf(items: Awaited<ReturnType<typeof resolveRancher>>['items']): readonly string[] {
  return items.flatMap(({ blobs }) =>
    blobs.flatMap(({ descriptor }) => descriptor.annotations?.['org.opencontainers.image.title'] ?? []),
  );
}
