import * as z from 'zod';
import type { PlannedItem } from '../../bundle/format/item.ts';
import type { Finding } from '../../internal/finding.ts';
import { collectProblems, mapCollecting } from '../../internal/problems.ts';
import { path, pattern, platforms } from '../../spec/fields.ts';
import { defineSource, type Source, type SourceContext } from '../source.ts';
import { requireDigests } from './check-digests.ts';
import { withoutExcluded } from './exclude.ts';
import { resolveImages } from './images.ts';
import { imageSchema, type RegistryImage } from './part.ts';
import type { EnginePart } from './engine/part.ts';
import { resolveStored } from './engine/resolve.ts';
import { ENGINE_IMAGES, SAVED_IMAGES } from './saved/pin.ts';
import { resolveSaved, type SavedWish } from './saved/resolve.ts';
import { SignatureSearch } from './signatures.ts';
import type { RangedPart } from './tags/part.ts';
import { TAGS } from './tags/question.ts';
import { resolveRanges } from './tags/resolve.ts';
import { IMAGES } from './want.ts';
import { imagesPart, type ImagesWish, readDigests, readLists } from './wish.ts';

/** Some are unpacked while they are listed, each on a core. */
const ARCHIVES_AT_ONCE = 2;
/** An engine reads what it exports from the disk of this host. */
const ENGINE_IMAGES_AT_ONCE = 2;

export const images: Source = defineSource({
  name: 'images',
  summary:
    'Container images of registries, by reference, with the signatures that belong to them, and of archives and engines of this host.',
  part: z.object({
    platforms: platforms.optional().describe('of images; left out, the whole index byte for byte'),
    images: z
      .array(imageSchema)
      .default([])
      .describe(
        'references, alone or with platforms of their own, tags of a repository by range, archives of this host, and images of a container engine of this host',
      ),
    imageLists: z
      .array(path)
      .default([])
      .meta({
        description: 'paths of files with one reference a line',
        examples: [['./rancher-images.txt']],
      }),
    imageDigests: z
      .array(path)
      .default([])
      .meta({
        description: 'paths of lists that say what images must be',
        examples: [['./rancher-images-digests-linux.txt']],
      }),
    excludeImages: z
      .array(pattern)
      .default([])
      .meta({
        description:
          'regular expressions: no image comes along whose full reference one of them matches anywhere, whoever names it',
        examples: [['^quay[.]io/lab/.*-debug:']],
      }),
    signatures: z
      .boolean()
      .optional()
      .meta({
        description: 'signatures, attestations and the like travel with their images; true when left out',
        examples: [false],
      }),
  }),
  content: ['images', 'imageLists'],
  sections: [TAGS.section, SAVED_IMAGES.section, ENGINE_IMAGES.section],
  takes: IMAGES,
  read: async ({ imageLists, imageDigests, signatures = true, ...part }, files): Promise<ImagesWish> => {
    const remarks: Finding[] = [];
    const remark = (finding: Finding): void => void remarks.push(finding);
    const listed = readLists(imageLists, files, remark);
    const digests = readDigests(imageDigests, files, remark);
    await collectProblems<unknown>([listed, digests], {
      code: 'ERR_LIST_INVALID',
      message: () => 'Cannot read the lists of the spec',
    });
    const images: RegistryImage[] = [];
    const ranges: RangedPart[] = [];
    const archives: SavedWish[] = [];
    const engines: EnginePart[] = [];
    for (const image of part.images) {
      if (typeof image === 'string') images.push(image);
      else if ('tags' in image) ranges.push(image);
      else if ('engine' in image) engines.push(image);
      else if (!('archive' in image)) images.push(image);
      else archives.push({ ...image, at: files.pathOf(image.archive) });
    }
    return {
      images,
      ranges,
      archives,
      engines,
      platforms: part.platforms,
      excludeImages: part.excludeImages,
      signatures,
      listed: await listed,
      digests: await digests,
      remarks,
    };
  },
  resolve: async (wish, context, wanted) => {
    const ranges = resolveRanges(wish.ranges, context);
    // What is wrong with a range is told with what is wrong with the other images.
    const chosen = await ranges.catch((): readonly RegistryImage[] => []);
    const part = withoutExcluded(imagesPart(wish, wanted, chosen), wish.excludeImages);
    const none = ranges.then((): readonly PlannedItem[] => []);
    const [items = []] = await collectProblems([resolveWish(wish, part, context), none], WHOLE);
    return { items };
  },
});

const WHOLE = {
  code: 'ERR_RESOLVE_FAILED',
  message: () => 'Cannot resolve the images of the spec',
} as const;

async function resolveArchives(wish: ImagesWish, context: SourceContext): Promise<readonly PlannedItem[]> {
  const items = await mapCollecting(wish.archives, {
    ...WHOLE,
    limit: ARCHIVES_AT_ONCE,
    map: async (archive) => await resolveSaved(archive, wish, context),
  });
  return items.flat();
}

async function resolveEngines(wish: ImagesWish, context: SourceContext): Promise<readonly PlannedItem[]> {
  const items = await mapCollecting(wish.engines, {
    ...WHOLE,
    limit: ENGINE_IMAGES_AT_ONCE,
    map: async (part) => await resolveStored(part, wish, context),
  });
  return items.flat();
}

async function resolveWish(
  wish: ImagesWish,
  part: ReturnType<typeof imagesPart>,
  context: SourceContext,
): Promise<readonly PlannedItem[]> {
  for (const remark of wish.remarks) context.warn(remark);
  const references = [
    ...part.images.map((image) => (typeof image === 'string' ? image : image.reference)),
    ...part.listed,
  ];
  const search = wish.signatures ? new SignatureSearch(context) : undefined;
  const tasks = [
    resolveImages(part, context, { onItem: (planned) => search?.begin(planned) }),
    requireDigests(references, wish.digests, context).then((): readonly PlannedItem[] => []),
  ];
  const held = [resolveArchives(wish, context), resolveEngines(wish, context)];
  const [resolved = [], , ...lying] = await collectProblems([...tasks, ...held], WHOLE);
  const signatures = (await search?.of(resolved)) ?? [];
  return [...resolved, ...signatures, ...lying.flat()];
}
