import { SaddlebagError } from '../../internal/error.ts';
import { compareText, uniqueBy } from '../../internal/order.ts';
import { formatPlatform, parsePlatform, type Platform } from '../../oci/platform.ts';
import { formatReference, parseReference, type Reference } from '../../oci/reference.ts';
import type { RegistryImage } from './part.ts';

/** Everything a spec says about images. */
export interface ImagesPart {
  readonly images: readonly RegistryImage[];
  /** References found in the image lists. */
  readonly listed: readonly string[];
  /** References found in lists of images for Windows nodes. */
  readonly windows?: readonly string[] | undefined;
  /** References of images that are taken whole, whatever platforms there are. */
  readonly whole?: readonly string[] | undefined;
  /** Images that have names of their own at a registry. */
  readonly placed?: readonly PlacedImage[] | undefined;
  /** References to include if they exist. */
  readonly guesses?: readonly ImageGuess[] | undefined;
  /** For images without platforms of their own. */
  readonly platforms?: readonly string[] | undefined;
  /** Where an image is named, by what is written there. */
  readonly namedAt?: ReadonlyMap<string, string> | undefined;
}

/** An image with its names at a registry, `repository:tag`. */
interface PlacedImage {
  readonly reference: string;
  readonly at: readonly string[];
}

/** An image that something seems to name. */
interface ImageGuess {
  readonly reference: string;
  /** Where the name comes from and how it was found, for a message. */
  readonly from: string;
}

/** One image, however often and under whatever name it was requested. */
export interface ImageRequest {
  readonly reference: Reference;
  /** The full reference. */
  readonly name: string;
  /** How it was written, sorted, where that says more than the full reference; see {@link spellingOf}. */
  readonly spellings?: readonly string[] | undefined;
  /** Its names at a registry, sorted; left out when the naming gives it one. */
  readonly at?: readonly string[] | undefined;
  /** Left out: the whole index. */
  readonly platforms?: readonly Platform[] | undefined;
  /** For Windows nodes: `also`, or `alone`; left out: as upstream has it. */
  readonly windows?: 'also' | 'alone' | undefined;
  /** Set when the image may not exist: where the name comes from. */
  readonly guessedFrom?: string | undefined;
}

/** Valid requests, and what is wrong with the others. */
export interface ImageRequests {
  /** Sorted by name. */
  readonly requests: readonly ImageRequest[];
  /** `ERR_REFERENCE_INVALID`, `ERR_PLATFORM_INVALID` */
  readonly problems: readonly SaddlebagError[];
}

/** Rancher's Windows images are all for this platform. */
const WINDOWS = 'windows/amd64';

/**
 * Returns each image once, by full reference. Platforms of several requests add up; one request for the whole image wins.
 */
export function mergeImageRequests(part: ImagesPart): ImageRequests {
  const problems: SaddlebagError[] = [];
  const merged = new Map<string, ImageRequest>();
  const add = (image: RegistryImage, platforms: readonly string[] | undefined): void =>
    orProblem(problems, () => {
      const request = requestOf(image, platforms);
      const known = merged.get(request.name);
      merged.set(request.name, known === undefined ? request : union(known, request));
    });
  for (const image of [...part.images, ...part.listed]) add(image, part.platforms);
  for (const reference of part.whole ?? []) add(reference, undefined);
  addWindows(merged, part, problems);
  addPlaced(merged, part, problems);
  addGuesses(merged, part, problems);
  const requests = [...merged.values()].sort((left, right) => compareText(left.name, right.name));
  return { requests, problems };
}

/** Compares full names: `foo:v1.1` is not in a list that has `foo:v1.10`. */
function addWindows(
  merged: Map<string, ImageRequest>,
  { windows = [], platforms }: ImagesPart,
  problems: SaddlebagError[],
): void {
  for (const text of windows) {
    orProblem(problems, () => {
      const request = requestOf(text, platforms === undefined ? undefined : [WINDOWS]);
      const known = merged.get(request.name);
      if (known === undefined) merged.set(request.name, { ...request, windows: 'alone' });
      else if (known.windows === undefined)
        merged.set(request.name, { ...union(known, request), windows: 'also' });
    });
  }
}

/** Several releases may have a component in common: it then goes to the places of all. */
function addPlaced(
  merged: Map<string, ImageRequest>,
  { placed = [] }: ImagesPart,
  problems: SaddlebagError[],
): void {
  for (const { reference, at } of placed) {
    orProblem(problems, () => {
      const request = requestOf(reference, undefined);
      const known = merged.get(request.name);
      const places = [...new Set([...(known?.at ?? []), ...at])].sort(compareText);
      merged.set(request.name, { ...request, at: places });
    });
  }
}

function addGuesses(
  merged: Map<string, ImageRequest>,
  { guesses = [], platforms }: ImagesPart,
  problems: SaddlebagError[],
): void {
  for (const { reference, from } of guesses) {
    orProblem(problems, () => {
      const request = requestOf(reference, platforms);
      if (!merged.has(request.name)) merged.set(request.name, { ...request, guessedFrom: from });
    });
  }
}

function orProblem(problems: SaddlebagError[], add: () => void): void {
  try {
    add();
  } catch (error) {
    if (!(error instanceof SaddlebagError)) throw error;
    problems.push(error);
  }
}

function requestOf(image: RegistryImage, defaults: readonly string[] | undefined): ImageRequest {
  const { reference: text, platforms = defaults } = typeof image === 'string' ? { reference: image } : image;
  const reference = parseReference(text);
  const spelling = spellingOf(text, reference);
  const request = {
    reference,
    name: formatReference(reference),
    spellings: spelling === undefined ? undefined : [spelling],
  };
  return platforms === undefined
    ? request
    : { ...request, platforms: distinct(platforms.map((platform) => parsePlatform(platform))) };
}

/**
 * Returns how an official image of Docker Hub was written: `busybox:1` or `library/busybox:1`. To Docker they are the same; in
 * Rancher's registries they are two names.
 */
function spellingOf(text: string, { registry, repository, ...suffixes }: Reference): string | undefined {
  const bare = /^library\/(?<name>[^/]+)$/.exec(repository)?.groups?.['name'];
  if (registry !== 'docker.io' || bare === undefined) return undefined;
  const isNamespaced = /^(?:[^/]+\/)?library\//.test(text);
  const path = isNamespaced ? repository : bare;
  return formatReference({ registry, repository: path, ...suffixes }).slice(`${registry}/`.length);
}

function union(left: ImageRequest, right: ImageRequest): ImageRequest {
  const { reference, name } = left;
  const spellings = uniqueBy([...(left.spellings ?? []), ...(right.spellings ?? [])], (text) => text);
  const request = {
    reference,
    name,
    spellings: spellings.length === 0 ? undefined : spellings.sort(compareText),
  };
  if (left.platforms === undefined || right.platforms === undefined) return request;
  return { ...request, platforms: distinct([...left.platforms, ...right.platforms]) };
}

function distinct(platforms: readonly Platform[]): readonly Platform[] {
  return uniqueBy(platforms, formatPlatform);
}
