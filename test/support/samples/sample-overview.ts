import type { Overview, OverviewItem } from '../../../src/page/overview.ts';
import { digestOf } from '../../../src/oci/digest.ts';

const TAG = 'v1.30.6+k3s1';

/** Returns an item as the page hears of it. */
export function overviewItem(
  kind: OverviewItem['kind'],
  name: string,
  rest: Partial<OverviewItem> = {},
): OverviewItem {
  return { kind, name, digest: digestOf(`${kind} ${name}`), bytes: 3_000_000, ...rest };
}

/** Returns a file of an item. */
export function overviewFile(name: string, path?: string): NonNullable<OverviewItem['files']>[number] {
  return { name, size: 1536, digest: digestOf(name), ...(path === undefined ? {} : { path }) };
}

/** Returns what a server with a bit of everything has. */
export function sampleOverview(items: readonly OverviewItem[] = SAMPLE_ITEMS): Overview {
  const root = digestOf('root of lab');
  const about = { title: 'Lab of August', labels: { site: 'north' } };
  return {
    holdings: [{ name: 'lab', type: 'bundle', file: 'lab.tar', root, about, bytes: 5_000_000 }],
    items,
  };
}

const release = (name: string): string => `/k3s-io/k3s/releases/download/${encodeURIComponent(TAG)}/${name}`;

const SAMPLE_ITEMS: readonly OverviewItem[] = [
  overviewItem('image', 'quay.io/jetstack/cert-manager-controller:v1.15.3', { platforms: ['linux/amd64'] }),
  overviewItem('image', 'docker.io/rancher/rancher:v2.9.2', { platforms: ['linux/amd64', 'linux/arm64'] }),
  overviewItem('k3s', TAG, {
    files: [
      overviewFile('install.sh', `/raw/k3s-io/k3s/${encodeURIComponent(TAG)}/install.sh`),
      overviewFile('k3s', release('k3s')),
      overviewFile('k3s-airgap-images-amd64.tar.zst', release('k3s-airgap-images-amd64.tar.zst')),
    ],
  }),
  overviewItem('k3s-versions', 'k3s-versions', {
    files: [overviewFile('k3s-versions.json', '/rancher-desktop/k3s-versions.json')],
  }),
  overviewItem('kubectl', 'v1.30.6 linux/amd64', {
    files: [overviewFile('kubectl', '/release/v1.30.6/bin/linux/amd64/kubectl')],
  }),
  overviewItem('chart', 'charts.jetstack.io/cert-manager:v1.15.3_b', {
    files: [overviewFile('cert-manager-v1.15.3+b.tgz', '/charts/cert-manager-v1.15.3%2Bb.tgz')],
  }),
];
