import semver from 'semver';
import { isRecord } from '../../internal/json.ts';
import type { ArtifactFile } from '../../oci/artifact.ts';
import type { Library } from '../holdings/library.ts';
import { filesOfItem, itemsOf } from './shelf.ts';

/** A release of K3s, as far as what is served tells of it. */
interface KnownRelease {
  readonly tag: string;
  /** Its files that are served, `install.sh` among them. */
  readonly files: readonly ArtifactFile[];
  /** Names of files that it has upstream, served or not. */
  readonly assets: readonly string[];
}

/** The releases and channels of K3s that are known here. */
export interface KnownReleases {
  /** Newest first. */
  readonly releases: readonly KnownRelease[];
  /** Channel → tag. */
  readonly channels: ReadonlyMap<string, string>;
}

/** It is no asset of a release; it is in the repository at the tag. */
export const INSTALL_SCRIPT = 'install.sh';
/** What a list of versions says of a release without its being served: that Rancher Desktop can use it. */
const DESKTOP_ASSETS: readonly string[] = ['amd64', 'arm64'].flatMap((architecture) => [
  architecture === 'amd64' ? 'k3s' : `k3s-${architecture}`,
  `k3s-airgap-images-${architecture}.tar.zst`,
  `sha256sum-${architecture}.txt`,
]);

/**
 * Returns what is known of K3s: the releases that are served and those that the list of versions for Rancher Desktop names,
 * which is made of GitHub's. Channels are those of that list; without one, what is served is all there is to choose from.
 */
export async function knownReleases(library: Library): Promise<KnownReleases> {
  const list = await versionList(library);
  const listed = new Set(list.versions);
  const served = itemsOf(library, 'k3s').map(({ name }) => name);
  const tags = [...new Set([...served, ...list.versions])].filter((tag) => semver.valid(tag) !== null);
  const releases: KnownRelease[] = [];
  for (const tag of tags.sort(newestFirst)) {
    const files = await filesOfItem(library, 'k3s', tag);
    const held = files.map(({ name }) => name).filter((name) => name !== INSTALL_SCRIPT);
    const assets = [...new Set([...held, ...(listed.has(tag) ? DESKTOP_ASSETS : [])])].sort();
    releases.push({ tag, files, assets });
  }
  return { releases, channels: channelsOf(list, served) };
}

interface VersionList {
  readonly versions: readonly string[];
  /** Channel → version without `v` and build. */
  readonly channels: readonly (readonly [string, string])[];
}

/** Rancher Desktop's `k3s-versions.json`, schema 2. One that is of another form or damaged tells nothing. */
async function versionList(library: Library): Promise<VersionList> {
  const [item] = itemsOf(library, 'k3s-versions');
  const [file] = item === undefined ? [] : await filesOfItem(library, item.kind, item.name);
  if (file === undefined) return { versions: [], channels: [] };
  const document = parse(await library.blobs.document(file.descriptor.digest));
  const { versions, channels } = isRecord(document) ? document : {};
  return {
    versions: Array.isArray(versions) ? versions.filter((tag) => typeof tag === 'string') : [],
    channels: Object.entries(isRecord(channels) ? channels : {}).flatMap(([name, version]) =>
      typeof version === 'string' ? [[name, version] as const] : [],
    ),
  };
}

function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch {
    // Then it is no list.
    return undefined;
  }
}

function channelsOf(list: VersionList, served: readonly string[]): ReadonlyMap<string, string> {
  const byVersion = new Map(list.versions.map((tag) => [semver.parse(tag)?.version ?? '', tag]));
  const labelled = list.channels.flatMap(([name, version]) => {
    const tag = byVersion.get(version);
    return tag === undefined ? [] : [[name, tag] as const];
  });
  if (labelled.length > 0) return new Map(labelled);
  const channels = new Map<string, string>();
  for (const tag of [...served].sort(newestFirst)) {
    const version = semver.parse(tag);
    if (version === null || version.prerelease.length > 0) continue;
    for (const name of ['stable', 'latest', `v${version.major}.${version.minor}`]) {
      if (!channels.has(name)) channels.set(name, tag);
    }
  }
  return channels;
}

function newestFirst(left: string, right: string): number {
  return semver.compareBuild(right, left);
}
