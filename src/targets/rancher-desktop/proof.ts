import { join } from 'node:path';
import type { Finding } from '../../internal/finding.ts';
import type { WaitOptions } from '../../oci/roles.ts';
import { desktopArchiveNames } from '../../products/k3s/asset.ts';
import {
  isTooOld,
  listsPauseImage,
  OLDEST_OFFERED,
  parseDesktopTag,
  PAUSE_IMAGE,
} from '../../products/rancher-desktop/offer.ts';
import { chosenBuilds } from '../../products/rancher-desktop/version-list.ts';
import { namesIn } from '../../disk/names.ts';
import { acceptanceOf } from './acceptance.ts';
import type { CarriedVersion } from './carried-version.ts';
import { readVersionListFile, versionListPath } from './version-list-file.ts';

/** The name, as people write it. */
const PAUSE = PAUSE_IMAGE.replace(/^docker\.io\//, '');

export interface ProofOptions extends WaitOptions {
  readonly architecture: string;
  /** Whether the bundle has the pause image as a separate image. */
  readonly hasPauseImage: boolean;
}

/** Reads the cache as an offline Rancher Desktop does, and reports what it will do with each version. */
export async function proveCache(
  cache: string,
  versions: readonly CarriedVersion[],
  options: ProofOptions,
): Promise<readonly Finding[]> {
  const file = await readVersionListFile(versionListPath(cache));
  if (file.type !== 'list') {
    return [{ level: 'error', message: 'Rancher Desktop cannot read k3s-versions.json in its cache' }];
  }
  const chosen = chosenBuilds(file.list.versions);
  const { architecture, signal } = options;
  const findings: Finding[] = [];
  for (const version of versions) {
    const listed = chosen.get(version.tag.version)?.tag;
    findings.push(await proveVersion(cache, version, { listed, versions, architecture, signal }));
    findings.push(...warningsAbout(version, options));
  }
  return [...findings, ...(await suffixWarning(cache, options))];
}

/** Offline, a version is offered when both the list and a folder have its number; then the listed build is opened. */
async function proveVersion(
  cache: string,
  version: CarriedVersion,
  options: WaitOptions & {
    readonly architecture: string;
    readonly listed: string | undefined;
    readonly versions: readonly CarriedVersion[];
  },
): Promise<Finding> {
  const { tag } = version.tag;
  const { listed } = options;
  const refused = `Rancher Desktop will not accept ${tag}`;
  if (listed === undefined)
    return { level: 'error', message: `${refused}: k3s-versions.json does not list it` };
  if (listed !== tag) {
    const isOurs = options.versions.some((other) => other.tag.tag === listed);
    return {
      level: isOurs ? 'warning' : 'error',
      message: `${refused}: of version ${version.tag.version} it uses ${listed}`,
    };
  }
  const acceptance = await acceptanceOf(join(cache, 'k3s', tag), options.architecture, options);
  if (acceptance.accepted) return { level: 'ok', message: `Rancher Desktop will accept ${tag}` };
  return { level: 'error', message: `${refused}: ${acceptance.fact}` };
}

function warningsAbout(version: CarriedVersion, options: ProofOptions): readonly Finding[] {
  const warnings: Finding[] = [];
  if (isTooOld(version.tag)) {
    warnings.push({
      level: 'warning',
      message: `Rancher Desktop 1.19 and later will not offer ${version.tag.tag}: it is below ${OLDEST_OFFERED}`,
      hint: `Choose K3s v${OLDEST_OFFERED}+k3s1 or later, or keep Rancher Desktop 1.18 or earlier.`,
    });
  }
  const { imageList } = version;
  if (imageList !== undefined && !listsPauseImage(imageList)) {
    warnings.push({
      level: 'warning',
      message: `With its containerd engine Rancher Desktop starts no pod of ${version.tag.tag} offline: that needs ${PAUSE}, which is not among its images`,
      hint: options.hasPauseImage
        ? 'The bundle has it: start Rancher Desktop once, and bring it there with "bundle install BUNDLE --engine rancher-desktop".'
        : `Add "${PAUSE}" to "images" of the spec and load it into Rancher Desktop, or choose its moby engine.`,
    });
  }
  return warnings;
}

/** Rancher Desktop never removes the images of an earlier version, and prefers `.tar.zst` to `.tar`. */
async function suffixWarning(cache: string, options: ProofOptions): Promise<readonly Finding[]> {
  const bySuffix = new Map<string, string[]>();
  for (const tag of await namesIn(join(cache, 'k3s'))) {
    if (parseDesktopTag(tag) === undefined) continue;
    const names = await namesIn(join(cache, 'k3s', tag)).catch((): string[] => []);
    const first = desktopArchiveNames(options.architecture).find((name) => names.includes(name));
    if (first !== undefined) bySuffix.set(first, [...(bySuffix.get(first) ?? []), tag]);
  }
  if (bySuffix.size < 2) return [];
  const plain = bySuffix.get(desktopArchiveNames(options.architecture).at(-1) ?? '') ?? [];
  return [
    {
      level: 'warning',
      message: `Rancher Desktop may load the images of another version for ${plain.join(', ')}: it has only .tar images, and others have .tar.zst`,
      hint: 'Build the bundle with .tar.zst images for every version, or reset Kubernetes when switching between them.',
    },
  ];
}
