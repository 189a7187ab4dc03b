import { createHash } from 'node:crypto';

/** A release of Rancher as the sample sites have it. */
export interface SampleRancher {
  readonly tag: string;
  /** Lines of its `rancher-images.txt`. */
  readonly images: readonly string[];
  readonly windows?: readonly string[];
  /** Assets that the list of releases does not have. */
  readonly unlisted?: readonly string[];
  /** Text of its list of digests, which came late to the releases. */
  readonly digests?: string;
  /** Lines of its `rancher-images-sources.txt`; older releases have none. */
  readonly sources?: readonly string[];
  /** Lines of its `rancher-windows-images-sources.txt`. */
  readonly windowsSources?: readonly string[];
}

type Entry = readonly [name: string, content: () => Uint8Array];

const ENTRIES = {
  images: 'rancher-images.txt',
  windows: 'rancher-windows-images.txt',
  digests: 'rancher-images-digests-linux.txt',
  sources: 'rancher-images-sources.txt',
  windowsSources: 'rancher-windows-images-sources.txt',
} as const;

/** Returns the assets of a release; its sums file has one space between checksum and name. */
export function rancherAssets(release: SampleRancher): readonly Entry[] {
  const { tag, digests } = release;
  const lists = (['images', 'windows', 'sources', 'windowsSources'] as const).flatMap((key): Entry[] => {
    const lines = release[key];
    return lines === undefined ? [] : [[ENTRIES[key], () => linesOf(lines)]];
  });
  const digestList: Entry | undefined =
    digests === undefined ? undefined : [ENTRIES.digests, () => Buffer.from(digests)];
  const late: readonly Entry[] =
    digestList === undefined
      ? []
      : [digestList, ['images-digests-sha256sum.txt', () => sumsOf([digestList])]];
  return [...lists, ['sha256sum.txt', () => sumsOf(lists)] as const, ...late].map(
    ([name, content]): Entry => [`${tag}/${name}`, content],
  );
}

/** Returns the list of releases as GitHub's API has it. */
export function rancherList(releases: readonly SampleRancher[]): Uint8Array {
  const listed = releases.map((release) => ({
    tag_name: release.tag,
    assets: rancherAssets(release)
      .map(([path]) => path.slice(release.tag.length + 1))
      .filter((name) => release.unlisted?.includes(name) !== true)
      .map((name) => ({ name })),
  }));
  return Buffer.from(JSON.stringify(listed));
}

function linesOf(images: readonly string[]): Uint8Array {
  return Buffer.from(images.map((image) => `${image}\n`).join(''));
}

function sumsOf(files: readonly Entry[]): Uint8Array {
  return Buffer.from(
    files
      .map(([name, content]) => `${createHash('sha256').update(content()).digest('hex')} ${name}\n`)
      .join(''),
  );
}
