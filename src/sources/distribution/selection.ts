import { SaddlebagError } from '../../internal/error.ts';
import { nearest } from '../../internal/nearest.ts';
import { compareText } from '../../internal/order.ts';
import type { Catalogue } from './catalogue.ts';
import type { Distribution } from './distribution.ts';
import { compareTags, type ReleaseTag } from '../../products/distribution/tag.ts';

/** What the words of a spec resolve to. */
export interface Selection {
  /** By the word as written. */
  readonly tags: ReadonlyMap<string, ReleaseTag>;
  /** One for each word that resolves to nothing. */
  readonly problems: readonly SaddlebagError[];
}

/** Words of a spec, each with the architectures it must serve; an empty set accepts any release. */
export type WantedVersions = ReadonlyMap<string, ReadonlySet<string>>;

const VERSION = /^v?(\d+)\.(\d+)\.(\d+)$/;

/** Returns the tag for an exact word such as `v1.30.6+k3s1`, or `undefined` when the word needs the catalogue. */
export function exactTag(word: string, { parse }: Distribution): ReleaseTag | undefined {
  return parse(word.startsWith('v') ? word : `v${word}`);
}

/**
 * Returns the releases that words resolve to: an exact tag, `X.Y.Z` for its highest build that serves every requested
 * architecture (one of the `preferred` tags first), or the name of a channel. Reports all unknown words together, each with the
 * nearest known one.
 */
export function selectVersions(
  wanted: WantedVersions,
  catalogue: Catalogue,
  preferred: ReadonlySet<string> = new Set(),
): Selection {
  const tags = new Map<string, ReleaseTag>();
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
export function unknownVersion(word: string, catalogue: Catalogue): SaddlebagError {
  const { distribution } = catalogue;
  if (catalogue.locked === true) {
    return new SaddlebagError(
      'ERR_LOCK_INCOMPLETE',
      `Cannot find ${distribution.name} version "${word}": it is not in the lock`,
    );
  }
  const isVersion = VERSION.test(word) || exactTag(word, distribution) !== undefined;
  const channel = isVersion ? undefined : nearest(word, catalogue.channels.keys());
  const near = channel ?? nearestRelease(word, knownTags(catalogue));
  const fact = isVersion ? 'no release has it' : 'there is no such release or channel';
  const hint =
    near === undefined
      ? `Write for example "${distribution.example}", "${distribution.example.replace(/^v|\+.*/g, '')}" or "stable".`
      : `The nearest is "${near}".`;
  return notFound(word, { distribution, fact, hint });
}

/** Returns the advice for a release without the files for an architecture: the build of the same version that has them. */
export function otherBuildHint(tag: ReleaseTag, architecture: string, catalogue: Catalogue): string {
  const other = buildsOf(tag.version, catalogue).find(
    (build) => build.tag.tag !== tag.tag && build.architectures.includes(architecture),
  );
  return other === undefined
    ? `No build of ${tag.version} is complete for ${architecture}: choose another version.`
    : `"${other.tag.tag}" is complete for ${architecture}: choose that build.`;
}

interface BuildWish {
  readonly architectures: readonly string[];
  readonly preferred: ReadonlySet<string>;
}

function selectVersion(word: string, catalogue: Catalogue, wish: BuildWish): ReleaseTag | SaddlebagError {
  const { distribution } = catalogue;
  const exact = exactTag(word, distribution);
  if (exact !== undefined) {
    return isReleased(exact, catalogue) ? exact : unknownVersion(word, catalogue);
  }
  if (VERSION.test(word)) return highestBuild(word, catalogue, wish);
  const latest = catalogue.channels.get(word);
  if (latest === undefined) return catalogue.channelFault ?? unknownVersion(word, catalogue);
  const tag = distribution.parse(latest);
  if (tag === undefined) return notFound(word, { distribution, fact: 'the channel has no release' });
  if (isReleased(tag, catalogue)) return tag;
  if (catalogue.locked === true) return unknownVersion(word, catalogue);
  return notFound(word, {
    distribution,
    fact: `the channel names "${latest}", and no release has it`,
    hint: 'Name a version instead, or wait until the release is complete.',
  });
}

function isReleased({ tag }: ReleaseTag, { releases }: Catalogue): boolean {
  return releases.some((release) => release.tag === tag);
}

function highestBuild(
  word: string,
  catalogue: Catalogue,
  { architectures, preferred }: BuildWish,
): ReleaseTag | SaddlebagError {
  const version = word.replace(/^v/, '');
  const builds = buildsOf(version, catalogue);
  const lackedBy = (build: Build): readonly string[] =>
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
  return notFound(word, { distribution: catalogue.distribution, fact, hint });
}

/** A release of a version, with its tag parsed. */
interface Build {
  readonly tag: ReleaseTag;
  readonly architectures: readonly string[];
}

/** Highest first. */
function buildsOf(version: string, { distribution, releases }: Catalogue): readonly Build[] {
  return releases
    .flatMap(({ tag: name, architectures }): Build[] => {
      const tag = distribution.parse(name);
      return tag?.version === version ? [{ tag, architectures }] : [];
    })
    .sort((left, right) => compareTags(right.tag, left.tag));
}

/** Nearest by number: `1.30.99` is nearest to the last 1.30, however similar other versions are spelled. */
function nearestRelease(word: string, known: readonly ReleaseTag[]): string | undefined {
  const wanted = /^v?1\.(\d+)(?:\.(\d+))?/.exec(word);
  if (wanted === null) return undefined;
  const [minor, patch] = [Number(wanted[1]), Number(wanted[2] ?? Infinity)];
  const distance = (tag: ReleaseTag): number =>
    Math.abs(tag.minor - minor) * 1000 + Math.min(Math.abs(tag.patch - patch), 999);
  const byDistance = [...known].sort(
    (left, right) => distance(left) - distance(right) || compareTags(right, left),
  );
  return byDistance[0]?.tag;
}

function knownTags(catalogue: Catalogue): readonly ReleaseTag[] {
  const { releases, distribution } = catalogue;
  const tags = releases.flatMap(({ tag }) => distribution.parse(tag) ?? []);
  return tags.filter(({ prerelease }) => !prerelease).sort(compareTags);
}

function notFound(
  word: string,
  {
    distribution,
    fact,
    hint,
  }: {
    readonly distribution: Distribution;
    readonly fact: string;
    readonly hint?: string | undefined;
  },
): SaddlebagError {
  const message = `Cannot find ${distribution.name} version "${word}": ${fact}`;
  return new SaddlebagError('ERR_UPSTREAM_NOT_FOUND', message, { hint });
}
