import { CERT_MANAGER_CHART, type SampleHelmChart } from '../sites/helm-site.ts';
import type { SampleRancher } from '../sites/rancher-site.ts';
import type { SampleRke2 } from '../sites/rke2-site.ts';

/** A release of K3s as the sample sites have it. */
export interface SampleRelease {
  readonly tag: string;
  /** Lines of its `k3s-images.txt`, without `docker.io/rancher/`, in place of the usual ones. */
  readonly images?: readonly string[];
  /** Tag of the pause image in its `k3s-images.txt`; `3.6` when left out. */
  readonly pause?: string;
  /** Suffixes of its archives; `.tar`, `.tar.gz` and `.tar.zst` when left out. */
  readonly archives?: readonly string[];
  /** What it is released for; `amd64`, `arm64` and `arm` when left out. */
  readonly architectures?: readonly ('amd64' | 'arm64' | 'arm' | 's390x')[];
  /** Assets that it lacks, and its sums files do not cover. */
  readonly without?: readonly string[];
  /** Older sums files have a fifth line for `k3s-images.txt`. */
  readonly sumsCoverImageList?: boolean;
}

/** What the sample sites hold. */
export interface SampleSites {
  /** Newest first, as GitHub lists them. */
  readonly releases: readonly SampleRelease[];
  readonly channels: Readonly<Record<string, string>>;
  /** Versions of kubectl beside those of the releases. */
  readonly clients: readonly string[];
  /** Files of other sites, by name. */
  readonly files: Readonly<Record<string, string | Uint8Array>>;
  readonly rancher: readonly SampleRancher[];
  readonly rke2: readonly SampleRke2[];
  /** Charts of the Helm repository. */
  readonly charts: readonly SampleHelmChart[];
  /** Size (bytes) of a binary; archives have twice that. */
  readonly fileSize: number;
}

/**
 * Small sites with one of everything that matters: the pause image of before and after July 2026, several builds of one
 * version, a release without archives, a candidate, and versions from before `.tar.zst` and before darwin/arm64.
 */
export const SAMPLE_SITES: SampleSites = {
  releases: [
    { tag: 'v1.37.0-rc1+k3s1', pause: '3.10.2' },
    { tag: 'v1.36.3+k3s1', pause: '3.10.2' },
    { tag: 'v1.36.2+k3s1' },
    { tag: 'v1.36.1+k3s1', archives: [] },
    { tag: 'v1.32.1+k3s1' },
    { tag: 'v1.31.2+k3s2' },
    { tag: 'v1.31.2+k3s1' },
    { tag: 'v1.30.6+k3s1' },
    { tag: 'v1.30.4+k3s1' },
    { tag: 'v1.25.16+k3s4' },
    { tag: 'v1.25.16+k3s3' },
    { tag: 'v1.24.17+k3s1' },
    { tag: 'v1.20.15+k3s1', archives: ['.tar'], sumsCoverImageList: true },
  ],
  channels: {
    stable: 'v1.36.3+k3s1',
    latest: 'v1.36.3+k3s1',
    testing: 'v1.37.0-rc1+k3s1',
    'v1.20': 'v1.20.15+k3s1',
    'v1.24': 'v1.24.17+k3s1',
    'v1.25': 'v1.25.16+k3s4',
    'v1.30': 'v1.30.6+k3s1',
    'v1.31': 'v1.31.2+k3s2',
    'v1.32': 'v1.32.1+k3s1',
    'v1.36': 'v1.36.3+k3s1',
  },
  clients: ['1.15.12', '1.21.14', '1.29.3', '1.33.0', '1.37.0'],
  files: { 'tool.tar.gz': 'a tool, packed\n', 'notes.txt': 'read me\n' },
  rancher: [
    { tag: 'v2.9.1', images: ['rancher/rancher:v2.9.1'] },
    { tag: 'v2.9.2', images: ['rancher/rancher:v2.9.2', 'rancher/shell:v0.2.1'] },
  ],
  rke2: [{ tag: 'v1.31.2+rke2r1' }, { tag: 'v1.30.6+rke2r1', architectures: ['amd64'] }],
  charts: [
    CERT_MANAGER_CHART,
    { ...CERT_MANAGER_CHART, version: 'v1.15.2' },
    { ...CERT_MANAGER_CHART, version: 'v1.16.0' },
  ],
  fileSize: 4096,
};
