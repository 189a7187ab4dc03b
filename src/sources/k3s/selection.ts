import { SaddlebagError } from '../../internal/error.ts';
import { nearest } from '../../internal/nearest.ts';
import { compareText } from '../../internal/order.ts';
import type { K3sArchitecture } from '../../products/k3s/architecture.ts';
import type { K3sCatalogue } from './catalogue.ts';
import { compareK3sTags, type K3sTag, parseK3sTag } from '../../products/k3s/tag.ts';

/** What the words of a spec resolve to. */
export interface Selection {
  /** By the word as written. */
  readonly tags: ReadonlyMap<string, K3sTag>;
  /** One for each word that resolves to nothing. */
  readonly problems: readonly SaddlebagError[];
}

/** Words of a spec, each with the architectures it must serve; an empty set accepts any release. */
export type WantedVersions = ReadonlyMap<string, ReadonlySet<K3sArchitecture>>;

const VERSION = /^v?(\d+)\.(\d+)\.(\d+)$/;

/** Returns the tag for an exact word such as `v1.30.6+k3s1`, or `undefined` when the word needs the catalogue. */
export function exactTag(word: string): K3sTag | undefined {
  return parseK3sTag(word.startsWith('v') ? word : `v${word}`);
}

/**
 * Returns the releases that words resolve to: an exact tag, `X.Y.Z` for its highest build that serves every requested
 * architecture (one of the `preferred` tags first), or the name of a channel. Reports all unknown words together, each with the
 * nearest known one.
 */
export function selectVersions(
  wanted: WantedVersions,
  catalogue: K3sCatalogue,
  preferred: ReadonlySet<string> = new Set(),
): Selection {
  const tags = new Map<string, K3sTag>();
  const problems: SaddlebagError[] = [];
  for (const [word, architectures] of wanted) {
    const found = selectVersion(word, catalogue, {
      architectures: [...architectures].sort(compareText),
      preferred,
    });
    if (found instanceof SaddlebagError) problems.push(found);
    else tags.set(word, found);
  }
  return { tags, problems };
}

/**
 * Returns the error for a version that no release has, with the nearest one that exists; `ERR_LOCK_INCOMPLETE` when only the
 * lock was searched.
 */
export function unknownVersion(word: string, catalogue: K3sCatalogue): SaddlebagError {
  if (catalogue.locked === true) {
    return new SaddlebagError(
      'ERR_LOCK_INCOMPLETE',
      `Cannot find K3s version "${word}": it is not in the lock`,
    );
  }
  const isVersion = VERSION.test(word) || exactTag(word) !== undefined;
  const channel = isVersion ? undefined : nearest(word, catalogue.channels.keys());
  const near = channel ?? nearestRelease(word, knownTags(catalogue));
  const fact = isVersion ? 'no release has it' : 'there is no such release or channel';
  const hint =
    near === undefined
      ? 'Write for example "v1.30.6+k3s1", "1.30.6" or "stable".'
      : `The nearest is "${near}".`;
  return notFound(word, fact, hint);
}

/** Returns the advice for a release without the files for an architecture: the build of the same version that has them. */
export function otherBuildHint(tag: K3sTag, architecture: K3sArchitecture, catalogue: K3sCatalogue): string {
  const other = buildsOf(tag.version, catalogue).find(
    (build) => build.tag.tag !== tag.tag && build.architectures.includes(architecture),
  );
  return other === undefined
    ? `No build of ${tag.version} is complete for ${architecture}: choose another version.`
    : `"${other.tag.tag}" is complete for ${architecture}: choose that build.`;
}

interface BuildWish {
  readonly architectures: readonly K3sArchitecture[];
  readonly preferred: ReadonlySet<string>;
}

function selectVersion(word: string, catalogue: K3sCatalogue, wish: BuildWish): K3sTag | SaddlebagError {
  const exact = exactTag(word);
  if (exact !== undefined) {
    return isReleased(exact, catalogue) ? exact : unknownVersion(word, catalogue);
  }
  if (VERSION.test(word)) return highestBuild(word, catalogue, wish);
  const latest = catalogue.channels.get(word);
  if (latest === undefined) return catalogue.channelFault ?? unknownVersion(word, catalogue);
  const tag = parseK3sTag(latest);
  if (tag === undefined) return notFound(word, 'the channel has no release');
  if (isReleased(tag, catalogue)) return tag;
  if (catalogue.locked === true) return unknownVersion(word, catalogue);
  return notFound(
    word,
    `the channel names "${latest}", and no release has it`,
    'Name a version instead, or wait until the release is complete.',
  );
}

function isReleased({ tag }: K3sTag, { releases }: K3sCatalogue): boolean {
  return releases.some((release) => release.tag === tag);
}

function highestBuild(
  word: string,
  catalogue: K3sCatalogue,
  { architectures, preferred }: BuildWish,
): K3sTag | SaddlebagError {
  const version = word.replace(/^v/, '');
  const builds = buildsOf(version, catalogue);
  const lackedBy = (build: Build): readonly K3sArchitecture[] =>
    architectures.filter((wanted) => !build.architectures.includes(wanted));
  const whole = builds.filter((build) => lackedBy(build).length === 0);
  const best = whole.find(({ tag }) => preferred.has(tag.tag)) ?? whole[0];
  if (best !== undefined) return best.tag;
  const [highest] = builds;
  if (highest === undefined) return unknownVersion(word, catalogue);
  const fact = `"${highest.tag.tag}" has no airgap images for ${lackedBy(highest).join(', ')}`;
  const offers = builds.flatMap((build) => {
    const served = architectures.filter((wanted) => build.architectures.includes(wanted));
    return served.length === 0 ? [] : [`"${build.tag.tag}" has them for ${served.join(', ')}`];
  });
  const hint = offers.length === 0 ? undefined : `No build has them for all: ${offers.join('; ')}.`;
  return notFound(word, fact, hint);
}

/** A release of a version, with its tag parsed. */
interface Build {
  readonly tag: K3sTag;
  readonly architectures: readonly K3sArchitecture[];
}

/** Highest first. */
function buildsOf(version: string, catalogue: K3sCatalogue): readonly Build[] {
  return catalogue.releases
    .flatMap(({ tag: name, architectures }): Build[] => {
      const tag = parseK3sTag(name);
      return tag?.version === version ? [{ tag, architectures }] : [];
    })
    .sort((left, right) => compareK3sTags(right.tag, left.tag));
}

/** Nearest by number: `1.30.99` is nearest to the last 1.30, however similar other versions are spelled. */
function nearestRelease(word: string, known: readonly K3sTag[]): string | undefined {
  const wanted = /^v?1\.(\d+)(?:\.(\d+))?/.exec(word);
  if (wanted === null) return undefined;
  const [minor, patch] = [Number(wanted[1]), Number(wanted[2] ?? Infinity)];
  const distance = (tag: K3sTag): number =>
    Math.abs(tag.minor - minor) * 1000 + Math.min(Math.abs(tag.patch - patch), 999);
  const byDistance = [...known].sort(
    (left, right) => distance(left) - distance(right) || compareK3sTags(right, left),
  );
  return byDistance[0]?.tag;
}

function knownTags(catalogue: K3sCatalogue): readonly K3sTag[] {
  return sortedTags(catalogue.releases).filter(({ prerelease }) => !prerelease);
}

function sortedTags(releases: readonly { readonly tag: string }[]): K3sTag[] {
  return releases.flatMap(({ tag }) => parseK3sTag(tag) ?? []).sort(compareK3sTags);
}

function notFound(word: string, fact: string, hint?: string): SaddlebagError {
  return new SaddlebagError('ERR_UPSTREAM_NOT_FOUND', `Cannot find K3s version "${word}": ${fact}`, { hint });
}
