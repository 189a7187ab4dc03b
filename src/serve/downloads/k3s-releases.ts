import type { ArtifactFile } from '../../oci/artifact.ts';
import { INSTALL_SCRIPT, sumsName } from '../../products/distribution/asset.ts';
import { archiveName, binaryName } from '../../products/k3s/asset.ts';
import { compareTags, type ReleaseTag } from '../../products/distribution/tag.ts';
import { parseK3sTag } from '../../products/k3s/tag.ts';
import {
  chosenBuilds,
  decodeVersionList,
  type VersionList,
} from '../../products/rancher-desktop/version-list.ts';
import type { Library } from '../holdings/library.ts';
import { filesOfItem, itemsOf } from './shelf.ts';

/** A K3s release, as far as the served content describes it. */
interface KnownRelease {
  readonly tag: string;
  /** The files that are served, including `install.sh`. */
  readonly files: readonly ArtifactFile[];
  /** Names of the files in the upstream release, served or not. */
  readonly assets: readonly string[];
}

/** The K3s releases and channels known here. */
export interface KnownReleases {
  /** Newest first. */
  readonly releases: readonly KnownRelease[];
  /** Channel → tag. */
  readonly channels: ReadonlyMap<string, string>;
}

/** Files that a listed release has even when it is not served: the list names only releases that Rancher Desktop can use. */
const DESKTOP_ASSETS: readonly string[] = ['amd64', 'arm64'].flatMap((architecture) => [
  binaryName(architecture),
  archiveName(architecture, '.tar.zst'),
  sumsName(architecture),
]);
const NO_LIST: VersionList = { versions: [], channels: {} };

/**
 * Returns the known K3s releases: those that are served and those in Rancher Desktop's version list, which is derived from
 * GitHub's. Channels come from that list; without one, only the served releases are offered.
 */
export async function knownReleases(library: Library): Promise<KnownReleases> {
  const list = await versionList(library);
  const listed = new Set(list.versions);
  const served = itemsOf(library, 'k3s').map(({ name }) => name);
  const releases: KnownRelease[] = [];
  for (const { tag } of newestFirst([...served, ...list.versions])) {
    const files = await filesOfItem(library, 'k3s', tag);
    const held = files.map(({ name }) => name).filter((name) => name !== INSTALL_SCRIPT);
    const assets = [...new Set([...held, ...(listed.has(tag) ? DESKTOP_ASSETS : [])])].sort();
    releases.push({ tag, files, assets });
  }
  return { releases, channels: channelsOf(list, served) };
}

/** A damaged list, or one with another schema, is ignored. */
async function versionList(library: Library): Promise<VersionList> {
  const [item] = itemsOf(library, 'k3s-versions');
  const [file] = item === undefined ? [] : await filesOfItem(library, item.kind, item.name);
  if (file === undefined) return NO_LIST;
  const bytes = await library.blobs.fetchWhole(file.descriptor);
  return decodeVersionList(Buffer.from(bytes).toString('utf8')) ?? NO_LIST;
}

function channelsOf(list: VersionList, served: readonly string[]): ReadonlyMap<string, string> {
  const builds = chosenBuilds(list.versions);
  const labelled = Object.entries(list.channels).flatMap(([name, version]) => {
    const build = builds.get(version);
    return build === undefined ? [] : [[name, build.tag] as const];
  });
  if (labelled.length > 0) return new Map(labelled);
  const channels = new Map<string, string>();
  for (const { tag, major, minor, prerelease } of newestFirst(served)) {
    if (prerelease) continue;
    for (const name of ['stable', 'latest', `v${major}.${minor}`]) {
      if (!channels.has(name)) channels.set(name, tag);
    }
  }
  return channels;
}

/** Leaves out anything that is not a release tag. */
function newestFirst(tags: readonly string[]): readonly ReleaseTag[] {
  const known = [...new Set(tags)].map(parseK3sTag).filter((tag) => tag !== undefined);
  return known.sort((left, right) => compareTags(right, left));
}
