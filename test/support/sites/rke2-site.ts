import { createHash } from 'node:crypto';
import { incompressibleBytes } from '../samples/sample-image.ts';

/** A release of RKE2 as the sample site has it. */
export interface SampleRke2 {
  readonly tag: string;
  /** Lines of its list of all images, without `docker.io/rancher/`, in place of a made-up one. */
  readonly images?: readonly string[];
  /** Parts of its images; core, canal and cilium when left out. */
  readonly parts?: readonly string[];
  /** `amd64` and `arm64` when left out. */
  readonly architectures?: readonly string[];
  /** Builds of Windows; `1809` and `ltsc2022` when left out. */
  readonly windows?: readonly string[];
  /** Whether the images for Windows were made after the sums; GitHub tells their digests, or null. */
  readonly windowsLate?: 'digest' | 'null';
}

/** Where the site lies on the one server. */
export const RKE2_SITE = {
  channels: '/rke2/v1-release/channels',
  releases: '/repos/rancher/rke2/releases',
  downloads: '/rancher/rke2/releases/download',
  source: '/raw/rancher/rke2',
} as const;

const CHANNELS = { stable: 'v1.31.2+rke2r1', 'v1.30': 'v1.30.6+rke2r1' };

type Entry = readonly [path: string, content: () => Uint8Array];

/** Returns the whole site: path, decoded → content. Names and sums as in rke2, `scripts/package-images` and `scripts/checksum`. */
export function rke2Files(releases: readonly SampleRke2[]): readonly Entry[] {
  const all = releases.map((release) => ({ release, assets: assetsOf(release) }));
  const json = (value: unknown) => (): Uint8Array => Buffer.from(JSON.stringify(value));
  const described = all.map(({ release, assets }) => ({
    tag_name: release.tag,
    assets: assets.map(([name, bytes]) => ({
      name,
      digest: release.windowsLate === 'null' ? null : `sha256:${hex(bytes)}`,
    })),
  }));
  const data = Object.entries(CHANNELS).map(([name, latest]) => ({ type: 'channel', name, latest }));
  return [
    [RKE2_SITE.channels, json({ type: 'collection', resourceType: 'channels', data })],
    [RKE2_SITE.releases, json(described)],
    ...described.map((each): Entry => [`${RKE2_SITE.releases}/tags/${each.tag_name}`, json(each)]),
    ...all.flatMap(({ release: { tag }, assets }) => [
      ...assets.map(([name, bytes]): Entry => [`${RKE2_SITE.downloads}/${tag}/${name}`, () => bytes]),
      ...['install.sh', 'install.ps1'].map((name): Entry => [
        `${RKE2_SITE.source}/${tag}/${name}`,
        () => Buffer.from(`# ${name} of ${tag}\n`),
      ]),
    ]),
  ];
}

/** Returns the assets of a release with their bytes. */
export function assetsOf(release: SampleRke2): readonly (readonly [string, Uint8Array])[] {
  const { tag, parts = ['core', 'canal', 'cilium'], architectures = ['amd64', 'arm64'] } = release;
  const { windows = ['1809', 'ltsc2022'], windowsLate } = release;
  const made = (name: string): readonly [string, Uint8Array] => [
    name,
    incompressibleBytes(`${tag} ${name}`, 2000),
  ];
  const late = windows.flatMap((build) =>
    ['.tar.gz', '.tar.zst'].map((suffix) => made(`rke2-windows-${build}-amd64-images${suffix}`)),
  );
  return architectures.flatMap((architecture) => {
    const linux = [
      made(`rke2.linux-${architecture}.tar.gz`),
      made(`rke2.linux-${architecture}`),
      made(`rke2-images.linux-${architecture}.tar.zst`),
      release.images === undefined
        ? list(`rke2-images-all.linux-${architecture}.txt`)
        : listOf(`rke2-images-all.linux-${architecture}.txt`, release.images),
      ...parts.flatMap((part) => [
        made(`rke2-images-${part}.linux-${architecture}.tar.zst`),
        made(`rke2-images-${part}.linux-${architecture}.tar.gz`),
        list(`rke2-images-${part}.linux-${architecture}.txt`),
      ]),
    ];
    const agent = architecture === 'amd64' && windows.length > 0 ? [made('rke2.windows-amd64.tar.gz')] : [];
    const others = architecture === 'amd64' ? late : [];
    const covered = [...linux, ...agent, ...(windowsLate === undefined ? others : [])];
    const sums = covered.map(([name, bytes]) => `${hex(bytes)}  ${name}\n`).join('');
    return [...linux, ...agent, ...others, [`sha256sum-${architecture}.txt`, Buffer.from(sums)] as const];
  });
}

function list(name: string): readonly [string, Uint8Array] {
  return listOf(name, [`${name.replaceAll('.', '-')}:v1`]);
}

function listOf(name: string, images: readonly string[]): readonly [string, Uint8Array] {
  return [name, Buffer.from(images.map((image) => `docker.io/rancher/${image}\n`).join(''))];
}

function hex(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
