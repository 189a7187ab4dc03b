import { SaddlebagError } from '../../../internal/error.ts';
import { nearest } from '../../../internal/nearest.ts';
import { ProblemsError } from '../../../internal/problems.ts';
import { quote } from '../../../internal/quote.ts';
import { formatReference, parseReference } from '../../../oci/reference.ts';
import type { SavedImage, SavedImages } from '../../../saved/images.ts';
import type { HeldPart } from './part.ts';

/** An image of an archive with its full reference. */
export interface NamedImage {
  readonly name: string;
  readonly image: SavedImage;
}

/** Most names that a hint lists. */
const SHOWN = 5;
/** A tag or a digest at the end of a reference. */
const SUFFIX = /(?::[^/@]+|@.+)$/;

/**
 * Returns every image of an archive with its name; one that has none there gets `reference`.
 *
 * @throws `ERR_SPEC_INVALID` for images without a name, `ERR_ARCHIVE_INVALID` for a name that stands for two images
 */
export function nameImages(saved: SavedImages, wish: HeldPart): readonly NamedImage[] {
  const nameless = saved.images.filter(({ name }) => name === undefined);
  const names = new Map<string, NamedImage>();
  for (const image of saved.images) {
    const name = image.name ?? nameFor(image, wish, nameless.length);
    if (name === undefined) continue;
    const known = names.get(name)?.image.descriptor.digest;
    if (known !== undefined && known !== image.descriptor.digest)
      throw twice(saved, name, [known, image.descriptor.digest]);
    names.set(name, { name, image });
  }
  const isChoosing = wish.images !== undefined && wish.reference === undefined;
  const isLost = nameless.length > 0 && ![...names.values()].some(({ image }) => image.name === undefined);
  if (isLost && !isChoosing) throw withoutName(saved, nameless, wish);
  return [...names.values()];
}

/** Several images without a name can only be told apart by their tags. */
function nameFor({ tag }: SavedImage, { reference }: HeldPart, count: number): string | undefined {
  if (reference === undefined) return undefined;
  if (SUFFIX.test(reference)) return count === 1 ? formatReference(parseReference(reference)) : undefined;
  if (tag === undefined && count > 1) return undefined;
  return formatReference(parseReference(tag === undefined ? reference : `${reference}:${tag}`));
}

/**
 * Returns the images that the spec takes: all, or those that it names.
 *
 * @throws `ProblemsError` of `ERR_CONTENT_NOT_FOUND`
 */
export function chooseImages(
  saved: SavedImages,
  images: readonly NamedImage[],
  { images: wanted, reference }: HeldPart,
): readonly NamedImage[] {
  const isNamed = images.every(({ image }) => image.name !== undefined);
  const asked = wanted ?? (reference !== undefined && isNamed ? [reference] : undefined);
  if (images.length === 0)
    throw new SaddlebagError(
      'ERR_CONTENT_NOT_FOUND',
      `Cannot take images of ${quote(saved.path)}: it holds none`,
      {
        hint: 'Save it again with the names of the images.',
      },
    );
  if (asked === undefined) return images;
  const problems: SaddlebagError[] = [];
  const chosen = asked.flatMap((text): readonly NamedImage[] => {
    const name = formatReference(parseReference(text));
    const found = images.find((each) => each.name === name || each.image.at?.includes(text) === true);
    if (found === undefined) problems.push(missing(saved, name, images));
    return found === undefined ? [] : [found];
  });
  if (problems.length === 0) return chosen;
  throw new ProblemsError('ERR_CONTENT_NOT_FOUND', `Cannot take images of ${quote(saved.path)}`, {
    problems,
  });
}

function missing(saved: SavedImages, name: string, images: readonly NamedImage[]): SaddlebagError {
  const names = images.map((each) => each.name);
  const near = nearest(name, names);
  const hint = near === undefined ? `It holds ${listed(names)}.` : `Did you mean ${quote(near)}?`;
  return new SaddlebagError(
    'ERR_CONTENT_NOT_FOUND',
    `Cannot find image "${name}": ${quote(saved.path)} does not hold it`,
    { hint },
  );
}

function withoutName(
  saved: SavedImages,
  nameless: readonly SavedImage[],
  { reference }: HeldPart,
): SaddlebagError {
  const [first] = nameless;
  const isOne = nameless.length === 1;
  const which = isOne ? `image "${first?.descriptor.digest ?? ''}" has` : `${nameless.length} images have`;
  const hint =
    isOne || nameless.every(({ tag }) => tag !== undefined)
      ? `Say how ${isOne ? 'it is' : 'they are'} called, with "reference" beside "archive"${first?.tag === undefined ? '' : ', without a tag'}.`
      : 'Save them again by name, or each in an archive of its own.';
  const fact = reference === undefined ? 'no name there' : `no name there, and "reference" names one`;
  return new SaddlebagError(
    'ERR_SPEC_INVALID',
    `Cannot name images of ${quote(saved.path)}: ${which} ${fact}`,
    { hint },
  );
}

function twice(saved: SavedImages, name: string, digests: readonly string[]): SaddlebagError {
  return new SaddlebagError(
    'ERR_ARCHIVE_INVALID',
    `Cannot take image "${name}" of ${quote(saved.path)}: it is there as ${digests.map((digest) => `"${digest}"`).join(' and as ')}`,
    { hint: 'Save it again, once.' },
  );
}

function listed(names: readonly string[]): string {
  const more = names.length > SHOWN ? `, and ${names.length - SHOWN} more` : '';
  return `${names.slice(0, SHOWN).map(quote).join(', ')}${more}`;
}
