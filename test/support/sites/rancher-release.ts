import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SampleRelease } from '../samples/sample-sites.ts';
import type { SampleRancher } from './rancher-site.ts';
import type { SampleRke2 } from './rke2-site.ts';

/** Lines of a sources list in the real form. */
export const SOURCES_LINES: readonly string[] = [
  ...readFileSync(
    join(import.meta.dirname, '../../fixtures/rancher/rancher-images-sources.v2.9.composite.txt'),
    'utf8',
  )
    .trimEnd()
    .split('\n'),
  'rancher/k3s-upgrade:v1.29.8-k3s1 k3sUpgrade',
  'rancher/system-agent-installer-k3s:v1.29.8-k3s1 k3sUpgrade',
  'rancher/mirrored-coredns-coredns:1.10.0 k3sUpgrade',
  'rancher/rke2-upgrade:v1.29.8-rke2r1 rke2All',
  'rancher/system-agent-installer-rke2:v1.29.8-rke2r1 rke2All',
  'rancher/hardened-etcd:v3.5.9-k3s1-build20230802 rke2All',
];

/** An image of the release that no source names. */
export const ORPHAN = 'weaveworks/weave-kube:2.8.1';

/** A release of Rancher that says what wants each of its images. */
export const DIVIDED_RELEASE: SampleRancher = {
  tag: 'v2.9.3',
  images: [...SOURCES_LINES.map((line) => line.replace(/ .*$/, '')), ORPHAN],
  sources: SOURCES_LINES,
  windows: ['rancher/wins:v0.4.19', 'rancher/windows-exporter:v0.25.1', 'rancher/shell:v0.2.2'],
  windowsSources: [
    'rancher/shell:v0.2.2 core',
    'rancher/windows-exporter:v0.25.1 rancher-monitoring:104.1.2+up57.0.3',
    'rancher/wins:v0.4.19 rancher',
  ],
};

const of = (source: string, version: string): readonly string[] =>
  SOURCES_LINES.filter((line) => line.includes(source) && !line.includes(version)).map((line) =>
    line.replace(/^rancher\/| .*$/g, ''),
  );

/** The K3s and RKE2 releases that it lists, and one more that it does not. */
export const NODE_RELEASES: {
  readonly releases: readonly SampleRelease[];
  readonly rke2: readonly SampleRke2[];
} = {
  releases: [
    { tag: 'v1.31.5+k3s1', images: ['mirrored-coredns-coredns:1.12.0', 'mirrored-pause:3.6'] },
    {
      tag: 'v1.30.4+k3s1',
      images: of('k3sUpgrade', '1.29.8').filter((image) => !/upgrade|installer|:1\.10\.0/.test(image)),
    },
    { tag: 'v1.29.8+k3s1', images: ['mirrored-coredns-coredns:1.10.0', 'mirrored-pause:3.6'] },
  ],
  rke2: [
    {
      tag: 'v1.30.4+rke2r1',
      images: of('rke2All', '1.29.8').filter((image) => !/upgrade|installer|v3\.5\.9/.test(image)),
    },
    {
      tag: 'v1.29.8+rke2r1',
      images: ['hardened-etcd:v3.5.9-k3s1-build20230802', 'mirrored-pause:3.6'],
    },
  ],
};
