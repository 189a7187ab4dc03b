import { compareText } from '../../internal/order.ts';
import { fullName, type ImageSources } from './image-sources.ts';
import { partCalled, partOfSource } from './parts.ts';

/** A list of images of a release, and which of them to take. */
export interface ListedImages {
  /** As they are listed. */
  readonly images: readonly string[];
  readonly sources: ImageSources;
}

/** What is taken of a release. */
export interface Taking {
  readonly taken: ReadonlySet<string>;
  /** For sources of which only some images are needed: these, by full reference. */
  readonly narrowed: ReadonlyMap<string, ReadonlySet<string>>;
}

/** A part of a release: images that it wants, by full reference, sorted. */
export interface DividedPart {
  readonly name: string;
  /** What does not work without it; left out for what every installation needs. */
  readonly without?: string | undefined;
  /** Those that are taken because of it. */
  readonly images: readonly string[];
  /** Those that are not taken at all. */
  readonly leftOut: readonly string[];
}

/** The part of images that the list names and no source wants: nobody knows what needs them, so they are kept. */
const UNLISTED = 'unlisted';

/** Returns whether an image of a list is taken: while one source that is taken wants it, or when none is known. */
export function isTaken(image: string, { sources }: ListedImages, taking: Taking): boolean {
  const wanted = sources.get(fullName(image) ?? image);
  return wanted?.some((source) => wants(source, image, taking)) ?? true;
}

/** Returns the parts of a release, sorted by name. */
export function divide(lists: readonly ListedImages[], taking: Taking): readonly DividedPart[] {
  const parts = new Map<string, { images: Set<string>; leftOut: Set<string> }>();
  const partOf = (name: string): { images: Set<string>; leftOut: Set<string> } => {
    const known = parts.get(name) ?? { images: new Set(), leftOut: new Set() };
    parts.set(name, known);
    return known;
  };
  // One tag may be an image for Linux in one list, and for Windows in the other.
  const kept = new Set(
    lists.flatMap((list) => list.images.filter((image) => isTaken(image, list, taking)).map(nameOf)),
  );
  for (const { images, sources } of lists)
    for (const image of images) {
      const name = nameOf(image);
      const wanted = sources.get(name);
      if (wanted === undefined) partOf(UNLISTED).images.add(name);
      for (const source of wanted ?? []) {
        const part = partOf(partOfSource(source).name);
        if (wants(source, image, taking)) part.images.add(name);
        else if (!kept.has(name)) part.leftOut.add(name);
      }
    }
  return [...parts]
    .map(([name, { images, leftOut }]) => ({
      name,
      without: name === UNLISTED ? 'nobody knows: the release does not say what wants them' : withoutOf(name),
      images: [...images].sort(compareText),
      leftOut: [...leftOut].sort(compareText),
    }))
    .sort((left, right) => compareText(left.name, right.name));
}

function withoutOf(name: string): string | undefined {
  const part = partCalled(name);
  return part.isNeeded === true ? undefined : part.without;
}

function wants(source: string, image: string, { taken, narrowed }: Taking): boolean {
  return taken.has(source) && (narrowed.get(source)?.has(nameOf(image)) ?? true);
}

function nameOf(image: string): string {
  return fullName(image) ?? image;
}
