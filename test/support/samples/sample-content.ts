import { createHash } from 'node:crypto';
import semver from 'semver';
import { helmFiles } from '../sites/helm-site.ts';
import { rancherAssets, rancherList } from '../sites/rancher-site.ts';
import { rke2Files } from '../sites/rke2-site.ts';
import { incompressibleBytes } from './sample-image.ts';
import type { SampleRelease, SampleSites } from './sample-sites.ts';

/** Where each site lies on the one server. */
export const SITE = {
  channels: '/v1-release/channels',
  releases: '/repos/k3s-io/k3s/releases',
  downloads: '/k3s-io/k3s/releases/download',
  source: '/raw/k3s-io/k3s',
  kubernetes: '/kubernetes',
  rancher: '/rancher/rancher/releases/download',
  rancherReleases: '/repos/rancher/rancher/releases',
  files: '/files',
  helm: '/helm',
} as const;

/** Content that is made when it is first asked for: a site of large files starts as fast as one of small ones. */
export type LazyContent = () => Uint8Array;
type Entry = readonly [name: string, content: LazyContent];

const ARCHITECTURES = ['amd64', 'arm64', 'arm'] as const;
const BINARY = { amd64: 'k3s', arm64: 'k3s-arm64', arm: 'k3s-armhf', s390x: 'k3s-s390x' } as const;
const CLIENT_PLATFORMS = ['linux/amd64', 'linux/arm64', 'darwin/amd64', 'darwin/arm64', 'windows/amd64'];

/** Returns everything the sites hold but the two APIs: path, decoded → content. */
export function sampleContent(sites: SampleSites): ReadonlyMap<string, LazyContent> {
  return new Map<string, LazyContent>([
    ...sites.releases.flatMap((release) => below(`${SITE.downloads}/${release.tag}`, assets(release, sites))),
    ...sites.releases.map(({ tag }): Entry => [`${SITE.source}/${tag}/install.sh`, () => installScript(tag)]),
    ...below(`${SITE.kubernetes}/release`, clients(sites)),
    ...below(
      SITE.rancher,
      sites.rancher.flatMap((release) => rancherAssets(release)),
    ),
    [SITE.rancherReleases, () => rancherList(sites.rancher)],
    ...rke2Files(sites.rke2),
    ...below(SITE.helm, helmFiles(sites.charts)),
    ...below(
      SITE.files,
      Object.entries(sites.files).map(([name, content]): Entry => [name, lazy(() => Buffer.from(content))]),
    ),
  ]);
}

/** Returns the names of the assets of a release (k3s, `scripts/validate-artifacts`). */
export function assetNames(release: SampleRelease): readonly string[] {
  return assets(release, { fileSize: 0 })
    .map(([name]) => name)
    .sort();
}

function assets(release: SampleRelease, { fileSize }: Pick<SampleSites, 'fileSize'>): readonly Entry[] {
  const { tag, archives = ['.tar', '.tar.gz', '.tar.zst'], architectures = ARCHITECTURES } = release;
  const isReleased = ([name]: Entry): boolean => release.without?.includes(name) !== true;
  const imageList: Entry = ['k3s-images.txt', lazy(() => imageListOf(release))];
  const perArchitecture = architectures.flatMap((architecture) => {
    const archiveFiles = archives.map((suffix): Entry => {
      const name = `k3s-airgap-images-${architecture}${suffix}`;
      return [name, lazy(() => incompressibleBytes(`${tag} ${name}`, fileSize * 2))];
    });
    const name = BINARY[architecture];
    const binary: Entry = [name, lazy(() => pseudoBinary(`${tag} ${name}`, fileSize))];
    const released = [...archiveFiles, binary].filter(isReleased);
    const covered = [...archiveFiles, ...(release.sumsCoverImageList === true ? [imageList] : []), binary];
    const sums = lazy(() => sumsOf(covered.filter(isReleased)));
    return [...released, [`sha256sum-${architecture}.txt`, sums] as const];
  });
  return [...perArchitecture, imageList].filter(isReleased);
}

function imageListOf({ pause = '3.6', images: own }: SampleRelease): Uint8Array {
  const usual = ['klipper-helm:v0.11.1', 'mirrored-coredns-coredns:1.14.4', `mirrored-pause:${pause}`];
  const images = own ?? usual;
  return Buffer.from(images.map((image) => `docker.io/rancher/${image}\n`).join(''));
}

/** GNU text mode, the binary last, as in the releases. */
function sumsOf(covered: readonly Entry[]): Uint8Array {
  return Buffer.from(covered.map(([name, content]) => `${hex('sha256', content())}  ${name}\n`).join(''));
}

function installScript(tag: string): Uint8Array {
  return Buffer.from(`#!/bin/sh\n# install.sh of ${tag}\nexit 0\n`);
}

function clients({ releases, clients, fileSize }: SampleSites): readonly Entry[] {
  const fromReleases = releases
    .filter(({ tag }) => !tag.includes('-rc'))
    .map(({ tag }) => tag.replace(/^v|\+.*$/g, ''));
  const versions = [...new Set([...fromReleases, ...clients])].sort(semver.compare);
  const binaries = versions.flatMap((version) =>
    CLIENT_PLATFORMS.filter((platform) => isPublished(version, platform)).flatMap((platform) =>
      clientWithSums(version, platform, fileSize),
    ),
  );
  // Ascending, so that the last of a line is its newest.
  const markers = versions.flatMap((version): Entry[] => [
    [`stable-1.${semver.minor(version)}.txt`, () => Buffer.from(`v${version}`)],
    ['stable.txt', () => Buffer.from(`v${version}`)],
  ]);
  return [...binaries, ...markers];
}

function clientWithSums(version: string, platform: string, size: number): readonly Entry[] {
  const name = platform.startsWith('windows/') ? 'kubectl.exe' : 'kubectl';
  const path = `v${version}/bin/${platform}/${name}`;
  const content = lazy(() => pseudoBinary(`kubectl ${version} ${platform}`, size));
  const sha512: Entry = [`${path}.sha512`, () => Buffer.from(hex('sha512', content()))];
  const sha256: Entry = [`${path}.sha256`, () => Buffer.from(hex('sha256', content()))];
  return semver.gte(version, '1.16.0') ? [[path, content], sha512, sha256] : [[path, content], sha512];
}

function isPublished(version: string, platform: string): boolean {
  return platform !== 'darwin/arm64' || semver.gte(version, '1.21.0');
}

function pseudoBinary(seed: string, size: number): Uint8Array {
  const content = incompressibleBytes(seed, size);
  content.set(Buffer.from('\u007fELF').subarray(0, size));
  return content;
}

function below(folder: string, entries: readonly Entry[]): readonly Entry[] {
  return entries.map(([name, content]): Entry => [`${folder}/${name}`, content]);
}

function hex(algorithm: 'sha256' | 'sha512', content: Uint8Array): string {
  return createHash(algorithm).update(content).digest('hex');
}

function lazy(make: LazyContent): LazyContent {
  let made: Uint8Array | undefined;
  return () => (made ??= make());
}
