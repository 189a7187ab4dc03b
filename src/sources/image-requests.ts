import { SaddlebagError } from '../internal/error.ts';
import { compareText, uniqueBy } from '../internal/order.ts';
import { formatPlatform, parsePlatform, type Platform } from '../oci/platform.ts';
import { formatReference, parseReference, type Reference } from '../oci/reference.ts';
import type { ImagePart } from '../spec/schema.ts';

/** Everything a spec says about images. */
export interface ImagesPart {
  readonly images: readonly ImagePart[];
  /** References found in the image lists. */
  readonly listed: readonly string[];
  /** For images that name none. */
  readonly platforms?: readonly string[] | undefined;
}

/** One image, however often and by whatever name it was asked for. */
export interface ImageRequest {
  readonly reference: Reference;
  /** The full reference. */
  readonly name: string;
  /** Left out: the whole index. */
  readonly platforms?: readonly Platform[];
}

/** What can be asked for, and what cannot. */
export interface ImageRequests {
  /** Sorted by name. */
  readonly requests: readonly ImageRequest[];
  /** `ERR_REFERENCE_INVALID`, `ERR_PLATFORM_INVALID` */
  readonly problems: readonly SaddlebagError[];
}

/**
 * Returns each image once, by full reference. Asked for with different platforms, it is wanted for all of them; asked for
 * whole by anyone, it is wanted whole.
 */
export function mergeImageRequests(part: ImagesPart): ImageRequests {
  const problems: SaddlebagError[] = [];
  const merged = new Map<string, ImageRequest>();
  for (const image of [...part.images, ...part.listed]) {
    try {
      const request = requestOf(image, part.platforms);
      const known = merged.get(request.name);
      merged.set(request.name, known === undefined ? request : union(known, request));
    } catch (error) {
      if (!(error instanceof SaddlebagError)) throw error;
      problems.push(error);
    }
  }
  const requests = [...merged.values()].sort((left, right) => compareText(left.name, right.name));
  return { requests, problems };
}

function requestOf(image: ImagePart, defaults: readonly string[] | undefined): ImageRequest {
  const { reference: text, platforms = defaults } = typeof image === 'string' ? { reference: image } : image;
  const reference = parseReference(text);
  const name = formatReference(reference);
  return platforms === undefined
    ? { reference, name }
    : { reference, name, platforms: distinct(platforms.map((platform) => parsePlatform(platform))) };
}

function union(left: ImageRequest, right: ImageRequest): ImageRequest {
  const { reference, name } = left;
  if (left.platforms === undefined || right.platforms === undefined) return { reference, name };
  return { reference, name, platforms: distinct([...left.platforms, ...right.platforms]) };
}

function distinct(platforms: readonly Platform[]): readonly Platform[] {
  return uniqueBy(platforms, formatPlatform);
}
