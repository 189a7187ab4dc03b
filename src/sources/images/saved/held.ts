import type { PlannedBlob, PlannedItem } from '../../../bundle/format/item.ts';
import { SaddlebagError } from '../../../internal/error.ts';
import { throwIfInterrupted } from '../../../internal/interrupt.ts';
import { mapCollecting, ProblemsError } from '../../../internal/problems.ts';
import { quote } from '../../../internal/quote.ts';
import type { Descriptor } from '../../../oci/descriptor.ts';
import type { Digest } from '../../../oci/digest.ts';
import { parsePlatform } from '../../../oci/platform.ts';
import { parseReference } from '../../../oci/reference.ts';
import type { SavedImages } from '../../../saved/images.ts';
import { patternOf } from '../../../spec/fields.ts';
import type { ImageDigests } from '../../../spec/lists/digests.ts';
import type { SourceContext } from '../../source.ts';
import { resolveImage } from '../images.ts';
import { resolveSignatures } from '../signatures.ts';
import { carriedPart } from './carried.ts';
import { chooseImages, nameImages, type NamedImage } from './choose.ts';
import type { HeldPart } from './part.ts';
import type { SavedQuestion } from './pin.ts';
import { savedUpstream } from './upstream.ts';

/** Images resolved at once: each may be read from the same disk. */
const CONCURRENCY = 4;

/** What a spec says about all of its images. */
export interface SavedRules {
  readonly platforms?: readonly string[] | undefined;
  readonly signatures: boolean;
  readonly digests: ImageDigests;
  /** Regular expressions: an image whose full reference matches one stays behind. */
  readonly excludeImages: readonly string[];
}

/** Images that are held on this host, and what a spec takes of them. */
export interface HeldImages {
  readonly saved: SavedImages;
  readonly part: HeldPart;
  /** Under what a lock keeps their digests. */
  readonly locked: {
    readonly question: SavedQuestion;
    readonly written: string;
    /** Whether everything that is locked there belongs to this part, unless it chooses. */
    readonly isWhole: boolean;
  };
}

/**
 * Turns images that are held on this host into items, with the signatures that lie beside them. Where manifests are there, they are
 * kept byte for byte. The bytes of layers are read when the bundle is written.
 *
 * @throws `ERR_CONTENT_NOT_FOUND` for what is named and not there, `ERR_DIGEST_MISMATCH` when it is not what was locked
 */
export async function resolveHeld(
  held: HeldImages,
  rules: SavedRules,
  context: SourceContext,
): Promise<readonly PlannedItem[]> {
  const { saved, part } = held;
  const all = nameImages(saved, part);
  const upstream = savedUpstream(saved, new Map(all.map(({ name, image }) => [name, image.descriptor])));
  const { web, ask, upstreams, env, host, warn, now, signal } = context;
  const own: SourceContext = { images: upstream, web, ask, upstreams, env, host, warn, now, signal };
  const images = all.filter(({ name }) => upstream.subjectOf(parseReference(name)) === undefined);
  const excluded = rules.excludeImages.flatMap((text) => patternOf(text) ?? []);
  const chosen = chooseImages(saved, images, part).filter(
    ({ name }) => !excluded.some((pattern) => pattern.test(name)),
  );
  const items = await mapCollecting(chosen, {
    code: 'ERR_RESOLVE_FAILED',
    message: () => `Cannot resolve the images of ${quote(saved.path)}`,
    limit: CONCURRENCY,
    map: async (image) => {
      throwIfInterrupted(signal);
      const platforms = part.platforms ?? (image.image.at === undefined ? rules.platforms : undefined);
      const request = { ...requestOf(image), platforms: platforms?.map((text) => parsePlatform(text)) };
      const carried = await carriedPart(request, { saved, upstream }, own);
      const planned = await resolveImage(carried.request, own);
      return withPlatforms(planned, carried.platforms);
    },
  });
  const signed = rules.signatures ? [...items, ...(await resolveSignatures(items, own))] : items;
  const planned = signed.map((item) => placed(item, saved));
  requireListed(planned, rules.digests);
  await requireLocked(held, planned, context);
  tell(saved, chosen, context);
  return planned;
}

function requestOf({ name, image }: NamedImage): Parameters<typeof resolveImage>[0] {
  return { reference: parseReference(name), name, spellings: image.spellings, at: image.at };
}

function withPlatforms(planned: PlannedItem, platforms: readonly string[] | undefined): PlannedItem {
  const { item, blobs, isMade } = planned;
  if (platforms === undefined || item.kind !== 'image') return planned;
  return { item: { ...item, platforms: item.platforms ?? platforms }, blobs, isMade };
}

/** Says where in the archive each blob is. @throws `ProblemsError` of `ERR_CONTENT_NOT_FOUND` and `ERR_SIZE_MISMATCH` */
function placed({ item, blobs, isMade }: PlannedItem, saved: SavedImages): PlannedItem {
  const problems: SaddlebagError[] = [];
  const found = blobs.map((blob) => {
    if (blob.origin.type !== 'registry') return blob;
    const place = placeOf(item.name, blob.descriptor, saved);
    if (!(place instanceof SaddlebagError)) return { descriptor: blob.descriptor, origin: place };
    problems.push(place);
    return blob;
  });
  if (problems.length > 0)
    throw new ProblemsError('ERR_CONTENT_NOT_FOUND', `Cannot take "${item.name}" of ${quote(saved.path)}`, {
      problems,
    });
  return { item, blobs: found, isMade };
}

/** A foreign layer is left out by most programs that save images: it is where it was. */
function placeOf(
  name: string,
  { digest, size, urls = [] }: Descriptor,
  saved: SavedImages,
): PlannedBlob['origin'] | SaddlebagError {
  const blob = saved.blobs.get(digest);
  const [url] = urls.filter((each) => /^https?:\/\//.test(each));
  if (blob === undefined && url !== undefined) return { type: 'url', url };
  if (blob === undefined)
    return new SaddlebagError(
      'ERR_CONTENT_NOT_FOUND',
      `Cannot take "${name}": layer "${digest}" is not in ${quote(saved.path)}`,
      {
        hint: 'Save the image again with all of its layers; an archive that continues another one needs that other one too.',
      },
    );
  if (blob.size !== size)
    return new SaddlebagError(
      'ERR_SIZE_MISMATCH',
      `Cannot take "${name}": layer "${digest}" has ${blob.size} bytes in ${quote(saved.path)}, and ${size} by its manifest`,
      { hint: 'It is cut short there: save the image again, or copy it again.' },
    );
  if ('bytes' in blob) return { type: 'bytes', bytes: blob.bytes };
  if ('open' in blob) return { type: 'made', title: saved.path, open: blob.open };
  return { type: 'archive', path: saved.path, entry: blob.file.path, at: blob.file.at };
}

/** The user's own lists of digests are binding, wherever an image comes from. */
function requireListed(items: readonly PlannedItem[], digests: ImageDigests): void {
  const problems = items.flatMap(({ item: { name, descriptor } }) => {
    const expected = digests.get(name);
    if (expected === undefined || expected === descriptor.digest) return [];
    const fact = `expected "${expected}", found "${descriptor.digest}"`;
    return [new SaddlebagError('ERR_DIGEST_MISMATCH', `Cannot accept image "${name}": ${fact}`)];
  });
  if (problems.length === 0) return;
  throw new ProblemsError('ERR_DIGEST_MISMATCH', 'Cannot accept images: their digests are not those listed', {
    problems,
    hint: 'Programs such as "docker save" keep no manifest, and so no digest of a registry: take the image from there.',
  });
}

async function requireLocked(
  { saved, part, locked: { question, written, isWhole } }: HeldImages,
  items: readonly PlannedItem[],
  context: SourceContext,
): Promise<void> {
  const digests = new Map(items.map(({ item }) => [item.name, item.descriptor.digest] as const));
  const pinned = await context.ask(question, { written, digests });
  const problems = [...digests].flatMap(([name, digest]) => {
    const was = pinned.get(name);
    return was === digest ? [] : [movedOn(saved.path, name, { was, is: digest })];
  });
  const takesAll = isWhole && part.images === undefined && part.reference === undefined;
  const gone = takesAll ? [...pinned.keys()].filter((name) => !digests.has(name)) : [];
  problems.push(...gone.map((name) => movedOn(saved.path, name, { was: pinned.get(name), is: undefined })));
  if (problems.length === 0) return;
  throw new ProblemsError('ERR_DIGEST_MISMATCH', `Cannot use ${quote(saved.path)} as it was locked`, {
    problems,
  });
}

function movedOn(
  archive: string,
  name: string,
  { was, is }: { readonly was: Digest | undefined; readonly is: Digest | undefined },
): SaddlebagError {
  return new SaddlebagError(
    'ERR_DIGEST_MISMATCH',
    `Cannot use ${quote(archive)} as it was locked: "${name}" was "${was ?? 'not there'}", and is "${is ?? 'not there'}"`,
    { hint: 'It changed since it was locked; "bundle lock SPEC" takes what is there now.' },
  );
}

function tell(saved: SavedImages, chosen: readonly NamedImage[], { warn }: SourceContext): void {
  const made = chosen.filter(({ image }) => image.isMade === true);
  const [first] = made;
  if (first !== undefined)
    warn({
      level: 'warning',
      message: `${quote(saved.path)} keeps no manifest of a registry: ${made.length === 1 ? `"${first.name}" has` : `its ${made.length} images have`} another digest in the bundle than upstream`,
      hint: 'Image IDs stay. Where something asks for an image by digest, take it from its registry.',
    });
  if (saved.others.length === 0) return;
  warn({
    level: 'warning',
    message: `${quote(saved.path)} also holds ${saved.others.join(', ')}: the bundle takes its images alone`,
    hint: 'Name what else is needed under "charts" or "files".',
  });
}
