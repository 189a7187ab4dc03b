import { SaddlebagError } from '../../internal/error.ts';
import type { Finding } from '../../internal/finding.ts';
import { compareText } from '../../internal/order.ts';
import { ProblemsError } from '../../internal/problems.ts';
import { chooseSources, nearestPart, partNames } from '../../products/rancher/choice.ts';
import {
  divide,
  type DividedPart,
  isTaken,
  type ListedImages,
  type Taking,
} from '../../products/rancher/division.ts';
import { encodeLeftOut } from '../../products/rancher/left-out.ts';
import { isMeant, listedReleases } from '../../products/rancher/node-releases.ts';
import { NODE_SOURCES } from '../../products/rancher/parts.ts';
import { imagesOfNodes } from './kubernetes.ts';
import type { RancherPart } from './part.ts';
import type { SourceContext } from '../source.ts';

/** The lists of a release. */
export interface RancherLists {
  /** For messages: `Rancher v2.9.2`. */
  readonly title: string;
  readonly linux: ListedImages;
  readonly windows: ListedImages;
}

/** What to take. */
interface TakingWish extends Pick<RancherPart, 'without' | 'only' | 'kubernetes'> {
  /** Whether only an upgrade passes through the release: then it need not have all that the spec names. */
  readonly isBetween?: boolean | undefined;
}

/** What is taken of the images of a release. */
export interface TakenImages {
  readonly linux: readonly string[];
  readonly windows: readonly string[];
  /** Images for Linux that the spec's versions of Kubernetes need and the release does not list. */
  readonly added: readonly string[];
  readonly parts: readonly DividedPart[];
  /** The list of images that are left out on purpose, with their parts; left out when there are none. */
  readonly leftOut?: Uint8Array | undefined;
}

/**
 * Returns the images of a release that the parts of a spec need.
 *
 * @throws `ProblemsError` `ERR_RESOLVE_FAILED` with every name that the release has no part for (`ERR_UPSTREAM_NOT_FOUND`), and every part that
 * cannot be left out (`ERR_SPEC_INVALID`); what {@link imagesOfNodes} throws
 */
export async function takeImages(
  { without, only, kubernetes: words, isBetween = false }: TakingWish,
  { title, linux, windows }: RancherLists,
  context: SourceContext,
): Promise<TakenImages> {
  const lists = [linux, windows];
  const sources = lists.map((list) => list.sources);
  const { taken, unknown, needed } = chooseSources(sources, { without, only });
  const problems = [
    ...(isBetween ? [] : unknown).map((name) => unknownPart(name, title, sources)),
    ...needed.map((name) => neededPart(name, title)),
  ];
  const kubernetes = isBetween ? listedOf(words, linux.images) : words;
  if (words !== undefined && kubernetes === undefined) context.warn(withAllNodes(title));
  if (kubernetes !== undefined && Object.values(NODE_SOURCES).every((source) => !taken.has(source)))
    problems.push(noNodes(title));
  if (problems.length > 0)
    throw new ProblemsError('ERR_RESOLVE_FAILED', `Cannot choose the parts of ${title}`, { problems });
  const nodes =
    kubernetes === undefined
      ? undefined
      : await imagesOfNodes(kubernetes, { title, images: linux.images, taken }, context);
  const taking: Taking = { taken, narrowed: nodes?.narrowed ?? new Map() };
  const added = nodes?.added ?? [];
  const parts = divide([withAdded(linux, { added, taking }), windows], taking);
  return {
    linux: linux.images.filter((image) => isTaken(image, linux, taking)),
    windows: windows.images.filter((image) => isTaken(image, windows, taking)),
    added,
    parts,
    leftOut: encodeLeftOut(parts),
  };
}

/** Returns the words that a release between knows; an older one lists older versions of Kubernetes. */
function listedOf(
  words: readonly string[] | undefined,
  images: readonly string[],
): readonly string[] | undefined {
  const listed = listedReleases(images);
  const known = words?.filter((word) => listed.some((release) => isMeant(word, release))) ?? [];
  return known.length === 0 ? undefined : known;
}

function withAllNodes(title: string): Finding {
  return {
    level: 'warning',
    message: `${title}, a step of the upgrade, lists none of the versions under "kubernetes": images of all that it lists are taken`,
    hint: 'Add the version of Kubernetes that clusters have during that step.',
  };
}

/** What a version of Kubernetes needs belongs to its part, listed or not. */
function withAdded(
  { images, sources }: ListedImages,
  { added, taking }: { readonly added: readonly string[]; readonly taking: Taking },
): ListedImages {
  const wanted = added.map((name): readonly [string, readonly string[]] => [
    name,
    [...taking.narrowed].flatMap(([source, names]) => (names.has(name) ? [source] : [])),
  ]);
  return { images: [...images, ...added], sources: new Map([...sources, ...wanted]) };
}

function unknownPart(
  name: string,
  title: string,
  sources: readonly ListedImages['sources'][],
): SaddlebagError {
  const near = nearestPart(name, sources);
  const nearest = near === undefined ? '' : `The nearest is "${near}". `;
  return new SaddlebagError(
    'ERR_UPSTREAM_NOT_FOUND',
    `Cannot find part "${name}" of ${title}: the release has none of this name`,
    { hint: `${nearest}It has: ${partNames(sources).toSorted(compareText).join(', ')}.` },
  );
}

function neededPart(name: string, title: string): SaddlebagError {
  return new SaddlebagError(
    'ERR_SPEC_INVALID',
    `Cannot leave out "${name}" of ${title}: Rancher does not start without it, or its clusters do not`,
    { hint: 'Take it out of "without".' },
  );
}

function noNodes(title: string): SaddlebagError {
  return new SaddlebagError(
    'ERR_SPEC_INVALID',
    `Cannot choose versions of Kubernetes for ${title}: neither "k3s" nor "rke2" is taken`,
    { hint: 'Put "k3s" or "rke2" under "only", or take one out of "without"; or leave out "kubernetes".' },
  );
}
