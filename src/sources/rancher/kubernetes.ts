import { SaddlebagError } from '../../internal/error.ts';
import type { Finding } from '../../internal/finding.ts';
import { mapCollecting, ProblemsError } from '../../internal/problems.ts';
import { compareText } from '../../internal/order.ts';
import { compareTags } from '../../products/distribution/tag.ts';
import { fullName } from '../../products/rancher/image-sources.ts';
import {
  isMeant,
  listedReleases,
  nameOf,
  namedRelease,
  nodeImages,
  type NodeRelease,
  titleOf,
} from '../../products/rancher/node-releases.ts';
import { NODE_SOURCES } from '../../products/rancher/parts.ts';
import { IMAGE_LIST } from '../../products/k3s/asset.ts';
import { partListName } from '../../products/rke2/asset.ts';
import { type PublishedList, releaseImages } from '../distribution/image-list.ts';
import { CATALOGUE as K3S } from '../k3s/catalogue.ts';
import { DOWNLOADS as K3S_DOWNLOADS } from '../k3s/upstreams.ts';
import { CATALOGUE as RKE2 } from '../rke2/catalogue.ts';
import { DOWNLOADS as RKE2_DOWNLOADS } from '../rke2/upstreams.ts';
import type { SourceContext } from '../source.ts';

/** The images of the versions of Kubernetes that a spec names. */
export interface NodeImages {
  /** All that these releases need, by source of the list, by full reference. */
  readonly narrowed: ReadonlyMap<string, ReadonlySet<string>>;
  /** Those that Rancher's own list lacks, by full reference, sorted. */
  readonly added: readonly string[];
}

const CONCURRENCY = 8;

const LISTS: Readonly<Record<NodeRelease['distribution'], PublishedList>> = {
  k3s: { downloads: K3S_DOWNLOADS, catalogue: K3S, name: IMAGE_LIST },
  rke2: { downloads: RKE2_DOWNLOADS, catalogue: RKE2, name: partListName('all', 'amd64') },
};

/**
 * Returns the images of the K3s and RKE2 releases that words such as `v1.31` mean: those of their own lists, and those that
 * Rancher provisions and upgrades nodes with. A whole tag may be of a release that Rancher does not list.
 *
 * @throws `ProblemsError` `ERR_RESOLVE_FAILED` of `ERR_UPSTREAM_NOT_FOUND`, `ERR_SPEC_INVALID` and what {@link releaseImages} throws
 */
export async function imagesOfNodes(
  words: readonly string[],
  rancher: {
    /** For messages: `Rancher v2.9.2`. */
    readonly title: string;
    readonly images: readonly string[];
    /** Sources that are taken. */
    readonly taken: ReadonlySet<string>;
  },
  context: SourceContext,
): Promise<NodeImages> {
  const { images, taken } = rancher;
  const isWanted = ({ distribution }: NodeRelease): boolean => taken.has(NODE_SOURCES[distribution]);
  const listed = listedReleases(images).filter(isWanted);
  const found = words.map((word) => meantBy(word, { listed, isWanted, title: rancher.title }));
  const problems = found.filter((each) => each instanceof SaddlebagError);
  if (problems.length > 0)
    throw new ProblemsError('ERR_RESOLVE_FAILED', `Cannot resolve ${rancher.title}`, { problems });
  const chosen = new Map(
    found.flatMap((each) =>
      each instanceof SaddlebagError ? [] : each.map((release) => [release.tag.tag, release] as const),
    ),
  );
  for (const word of words)
    for (const finding of onlyOneHas(word, listed, rancher.title)) context.warn(finding);
  for (const release of chosen.values())
    if (!listed.includes(release)) context.warn(unlisted(release, rancher.title));
  const needed = await mapCollecting([...chosen.values()], {
    code: 'ERR_RESOLVE_FAILED',
    message: () => `Cannot resolve ${rancher.title}`,
    limit: CONCURRENCY,
    map: async (release) => {
      const own = await releaseImages(release.tag, LISTS[release.distribution], context);
      const names = [...own.flatMap((image) => fullName(image) ?? []), ...nodeImages(release)];
      return { source: NODE_SOURCES[release.distribution], names };
    },
  });
  const known = new Set(images.map((image) => fullName(image)));
  const bySource = Map.groupBy(needed, ({ source }) => source);
  return {
    narrowed: new Map(
      Object.values(NODE_SOURCES).map((source) => [
        source,
        new Set(bySource.get(source)?.flatMap(({ names }) => names)),
      ]),
    ),
    added: [...new Set(needed.flatMap(({ names }) => names))]
      .filter((name) => !known.has(name))
      .sort(compareText),
  };
}

function meantBy(
  word: string,
  options: {
    readonly listed: readonly NodeRelease[];
    readonly isWanted: (release: NodeRelease) => boolean;
    readonly title: string;
  },
): readonly NodeRelease[] | SaddlebagError {
  const { listed, isWanted, title } = options;
  const meant = listed.filter((release) => isMeant(word, release));
  if (meant.length > 0) return meant;
  const named = namedRelease(word);
  if (named !== undefined) return isWanted(named) ? [named] : leftOut(named, title);
  const minors = listed
    .toSorted((left, right) => compareTags(left.tag, right.tag))
    .map(({ tag }) => `v${tag.major}.${tag.minor}`);
  return new SaddlebagError(
    'ERR_UPSTREAM_NOT_FOUND',
    `Cannot find Kubernetes "${word}" in ${title}: it lists no K3s or RKE2 release of it that is taken`,
    {
      hint: `It lists ${[...new Set(minors)].join(', ') || 'none'}. A release that it does not list is taken when it is named whole, such as v1.31.5+k3s1.`,
    },
  );
}

/** A minor that one of the two lacks leaves it without images: whoever takes both may not expect that. */
function onlyOneHas(word: string, listed: readonly NodeRelease[], title: string): readonly Finding[] {
  if (namedRelease(word) !== undefined) return [];
  const distributions = [...new Set(listed.map(({ distribution }) => distribution))];
  return distributions
    .filter((each) => !listed.some((release) => release.distribution === each && isMeant(word, release)))
    .map((each) => ({
      level: 'warning',
      message: `${title} lists no release of ${nameOf(each)} for Kubernetes "${word}": images of the other distribution alone are taken for it`,
      hint: `If ${nameOf(each)} is not used, put "${each}" under "without".`,
    }));
}

function leftOut(release: NodeRelease, title: string): SaddlebagError {
  return new SaddlebagError(
    'ERR_SPEC_INVALID',
    `Cannot take ${titleOf(release)} with ${title}: its part "${release.distribution}" is not taken`,
    { hint: `Take "${release.distribution}" out of "without", or put it under "only".` },
  );
}

function unlisted(release: NodeRelease, title: string): Finding {
  return {
    level: 'warning',
    message: `${title} does not list ${titleOf(release)}: its images are taken all the same`,
    hint: 'Rancher offers only the releases of its metadata: over there, give it newer metadata by the setting "rke-metadata-config".',
  };
}
