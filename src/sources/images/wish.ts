import { readTextFile } from '../../disk/read-text.ts';
import type { Finding } from '../../internal/finding.ts';
import { collectProblems } from '../../internal/problems.ts';
import { type ImageDigests, parseImageDigests } from '../../spec/lists/digests.ts';
import { parseImageList } from '../../spec/lists/images.ts';
import type { PartFiles } from '../../spec/part.ts';
import type { RegistryImage } from './part.ts';
import type { RangedPart } from './tags/part.ts';
import type { SavedWish } from './saved/resolve.ts';
import type { EnginePart } from './engine/part.ts';
import { fullName } from './exclude.ts';
import type { ImagesPart } from './requests.ts';
import type { ImageWant } from './want.ts';

/** What a spec says about images, with its lists read. */
export interface ImagesWish {
  readonly images: readonly RegistryImage[];
  /** Repositories of which a range chooses the tags. */
  readonly ranges: readonly RangedPart[];
  readonly archives: readonly SavedWish[];
  /** Images of engines of this host. */
  readonly engines: readonly EnginePart[];
  /** References of the image lists, in order, duplicates included. */
  readonly listed: readonly string[];
  /** The digest each image must have. */
  readonly digests: ImageDigests;
  /** For images without platforms of their own. */
  readonly platforms?: readonly string[] | undefined;
  /** Regular expressions of images to leave out. */
  readonly excludeImages: readonly string[];
  /** Whether to bundle signatures and other attachments with the images. */
  readonly signatures: boolean;
  /** What is odd about the lists. */
  readonly remarks: readonly Finding[];
}

/** Receives a list that says nothing, as a failed download leaves it. */
type Remark = (finding: Finding) => void;

/**
 * Returns the references of image lists, in order.
 *
 * @throws `ProblemsError` `ERR_LIST_INVALID` with every list and every line that cannot be read
 */
export async function readLists(
  lists: readonly string[],
  files: PartFiles,
  remark?: Remark,
): Promise<readonly string[]> {
  const tasks = lists.map(async (list, index) => {
    const kind = { what: 'image list', hint: hintFor('imageLists', index, files) };
    const references = parseImageList(await readList(list, kind, files), list).map(({ text }) => text);
    if (references.length === 0) remark?.(emptyList(kind, list));
    return references;
  });
  return (await collectProblems(tasks, WHOLE)).flat();
}

/** Returns the digests from the lists; a later list wins. Throws as {@link readLists}. */
export async function readDigests(
  lists: readonly string[],
  files: PartFiles,
  remark?: Remark,
): Promise<ImageDigests> {
  const tasks = lists.map(async (list, index) => {
    const kind = { what: 'list of digests', hint: hintFor('imageDigests', index, files) };
    const digests = parseImageDigests(await readList(list, kind, files), list);
    if (digests.size === 0) remark?.(emptyList(kind, list));
    return digests;
  });
  return new Map((await collectProblems(tasks, WHOLE)).flatMap((digests) => [...digests]));
}

/** Returns the images to resolve: those the spec names, those `chosen` by their tags, and those other sources need. */
export function imagesPart(
  { images, listed, platforms }: ImagesWish,
  wanted: readonly ImageWant[],
  chosen: readonly RegistryImage[],
): ImagesPart {
  const wantsWindows = platforms === undefined || platforms.some((each) => each.startsWith('windows/'));
  const useful = wanted.filter(({ isWindowsOnly }) => wantsWindows || isWindowsOnly !== true);
  const placed = useful.flatMap(({ reference, at }) => (at === undefined ? [] : [{ reference, at }]));
  const named = useful.filter(({ at }) => at === undefined);
  const whole = named.filter(({ isWhole }) => isWhole === true);
  const decided = decidedIn(images);
  const certain = named.filter(
    ({ reference, guessedFrom, isWhole, forWindows }) =>
      guessedFrom === undefined &&
      isWhole !== true &&
      (forWindows === true || !decided.has(fullName(reference))),
  );
  const own = platforms === undefined ? [] : certain.filter((want) => want.platforms !== undefined);
  const plain = certain.filter((want) => !own.includes(want));
  return {
    images: [
      ...images,
      ...chosen,
      ...own.map((want) => ({ reference: want.reference, platforms: want.platforms })),
    ],
    listed: [...listed, ...referencesOf(plain.filter(({ forWindows }) => forWindows !== true))],
    windows: referencesOf(plain.filter(({ forWindows }) => forWindows === true)),
    whole: referencesOf(whole),
    placed,
    guesses: named.flatMap(({ reference, guessedFrom }) =>
      guessedFrom === undefined ? [] : [{ reference, from: guessedFrom }],
    ),
    platforms,
    namedAt: namedAtOf(named),
  };
}

/** Images that the spec names with platforms of their own: whoever else names one does not widen it. */
function decidedIn(images: readonly RegistryImage[]): ReadonlySet<string> {
  return new Set(
    images.flatMap((image) =>
      typeof image === 'string' || image.platforms === undefined ? [] : [fullName(image.reference)],
    ),
  );
}

/** Returns who names an image, by what is written there. */
function namedAtOf(wants: readonly ImageWant[]): ReadonlyMap<string, string> {
  const places = wants.flatMap(({ reference, namedAt }) =>
    namedAt === undefined ? [] : [[reference, namedAt] as const],
  );
  // The first place of several is told.
  return new Map(places.toReversed());
}

function referencesOf(wants: readonly ImageWant[]): readonly string[] {
  return wants.map(({ reference }) => reference);
}

const WHOLE = { code: 'ERR_LIST_INVALID', message: () => 'Cannot read the lists of the spec' } as const;

async function readList(
  list: string,
  kind: { readonly what: string; readonly hint: string },
  files: PartFiles,
): Promise<string> {
  return await readTextFile(files.pathOf(list), { ...kind, code: 'ERR_LIST_INVALID' }, files);
}

function hintFor(key: string, index: number, files: PartFiles): string {
  return `It is named at ${files.placeOf([key, index])}.`;
}

function emptyList({ what, hint }: { readonly what: string; readonly hint: string }, list: string): Finding {
  return {
    level: 'warning',
    message: `The ${what} ${JSON.stringify(list)} lists nothing`,
    hint: `${hint} If it was downloaded, check that it is complete.`,
  };
}
