import { SaddlebagError } from '../../internal/error.ts';
import type { Finding } from '../../internal/finding.ts';
import { ARTIFACT_TYPE, type PlannedItem } from '../../bundle/format/item.ts';
import type { DividedPart } from '../../products/rancher/division.ts';
import { fullName, type ImageSources, parseImageSources } from '../../products/rancher/image-sources.ts';
import { LEFT_OUT_LIST } from '../../products/rancher/left-out.ts';
import { type ImageDigests, parseImageDigests } from '../../spec/lists/digests.ts';
import { parseImageList } from '../../spec/lists/images.ts';
import type { RancherPart } from './part.ts';
import { certManagerImages } from '../charts/images/cert-manager.ts';
import { fileOfBytes, planArtifact } from '../images/planned-artifact.ts';
import { fetchRancherRelease, type RancherFile } from './release.ts';
import type { SourceContext } from '../source.ts';
import { type TakenImages, takeImages } from './taking.ts';

/** What to take of a release. */
export interface RancherReleaseWish extends RancherPart {
  /** Whether only an upgrade passes through it: then it need not have every part that the spec names. */
  readonly isBetween?: boolean | undefined;
}

/** Everything a Rancher release needs. */
export interface RancherRelease {
  /** Its tag, such as `v2.9.2`. */
  readonly tag: string;
  /** Its lists, as published, and one of ours for what is left out. */
  readonly items: readonly PlannedItem[];
  /** References for Linux nodes, cert-manager's among them. */
  readonly linux: readonly string[];
  /** References for Windows nodes. */
  readonly windows: readonly string[];
  /** References for Linux nodes that the release does not list. */
  readonly added: readonly string[];
  /** Its images by parts; left out for a release that does not say what wants which image. */
  readonly parts?: readonly DividedPart[] | undefined;
  /** Digests of the images at release time, as far as the release lists them. */
  readonly digests: ImageDigests;
}

/** Published beside the sums file since some 2.7 release; lines may lack a digest. */
const DIGESTS = 'rancher-images-digests-linux.txt';
const LINUX = 'rancher-images.txt';
const WINDOWS = 'rancher-windows-images.txt';
const SOURCES = 'rancher-images-sources.txt';
const WINDOWS_SOURCES = 'rancher-windows-images-sources.txt';

/**
 * Turns `rancher` into the references that the release lists, or those of the parts that are used, and an item with its lists.
 *
 * @throws `ERR_UPSTREAM_NOT_FOUND` with the nearest release or part, `ERR_CHECKSUM_MISSING`, `ERR_DIGEST_MISMATCH`,
 * `ERR_LIST_INVALID`, and what `takeImages` throws
 */
export async function resolveRancher(
  part: RancherReleaseWish,
  context: SourceContext,
): Promise<RancherRelease> {
  const tag = `v${part.version.replace(/^v/, '')}`;
  const { without, only, kubernetes, windows } = part;
  const isDivided = [without, only, kubernetes].some((each) => each !== undefined);
  const wanted = windows ? [LINUX, WINDOWS] : [LINUX];
  const sources = windows ? [SOURCES, WINDOWS_SOURCES] : [SOURCES];
  const files = await fetchRancherRelease(
    tag,
    {
      wanted,
      optional: isDivided ? [DIGESTS, ...sources] : [DIGESTS],
      recent: isDivided ? [] : sources,
    },
    context,
  );
  for (const name of wanted)
    if (referencesIn(files, name, tag).length === 0) context.warn(emptyList(name, tag));
  const hasSources = files.some(({ name }) => name === SOURCES);
  if (isDivided && !hasSources && part.isBetween !== true) throw undivided(tag);
  if (isDivided && !hasSources) context.warn(takenWhole(tag));
  const taken = hasSources ? await takeParts(part, { tag, files }, context) : undefined;
  const all = { linux: referencesIn(files, LINUX, tag), windows: referencesIn(files, WINDOWS, tag) };
  const { leftOut } = taken ?? {};
  const artifact = planArtifact(ARTIFACT_TYPE.rancher, [
    ...files,
    ...(leftOut === undefined ? [] : [fileOfBytes(LEFT_OUT_LIST, leftOut)]),
  ]);
  const item = {
    kind: 'rancher',
    name: tag,
    descriptor: artifact.descriptor,
    audience: ['files'],
  } as const;
  const certManager = part.certManager === undefined ? [] : certManagerImages(part.certManager);
  return {
    tag,
    items: [{ item, blobs: artifact.blobs }],
    linux: [...(taken?.linux ?? all.linux), ...certManager],
    windows: taken?.windows ?? all.windows,
    added: taken?.added ?? [],
    parts: taken && [...taken.parts, ...certManagerPart(certManager)],
    digests: parseImageDigests(textOf(files, DIGESTS), `${DIGESTS} of Rancher ${tag}`),
  };
}

async function takeParts(
  part: RancherReleaseWish,
  { tag, files }: { readonly tag: string; readonly files: readonly RancherFile[] },
  context: SourceContext,
): Promise<TakenImages> {
  const list = (images: string, sources: string) => ({
    images: referencesIn(files, images, tag),
    sources: sourcesIn(files, sources, tag),
  });
  const lists = {
    title: `Rancher ${tag}`,
    linux: list(LINUX, SOURCES),
    windows: list(WINDOWS, WINDOWS_SOURCES),
  };
  return await takeImages(part, lists, context);
}

/** It is no part of the release, but as large as one. */
function certManagerPart(images: readonly string[]): readonly DividedPart[] {
  if (images.length === 0) return [];
  const names = images.flatMap((image) => fullName(image) ?? []);
  return [
    {
      name: 'cert-manager',
      without: 'the certificates of Rancher come from elsewhere',
      images: names,
      leftOut: [],
    },
  ];
}

function referencesIn(files: readonly RancherFile[], name: string, tag: string): readonly string[] {
  return parseImageList(textOf(files, name), `${name} of Rancher ${tag}`).map(({ text }) => text);
}

function sourcesIn(files: readonly RancherFile[], name: string, tag: string): ImageSources {
  return parseImageSources(textOf(files, name), `${name} of Rancher ${tag}`);
}

function undivided(tag: string): SaddlebagError {
  return new SaddlebagError(
    'ERR_UPSTREAM_NOT_FOUND',
    `Cannot divide Rancher ${tag} into parts: the release has no "${SOURCES}"`,
    {
      hint: 'Older releases do not say what wants which image: leave out "without", "only" and "kubernetes", and name what is not used under "excludeImages".',
    },
  );
}

/** The choice is of the last release; an older one that cannot be divided has more, and lacks nothing. */
function takenWhole(tag: string): Finding {
  return {
    level: 'warning',
    message: `Rancher ${tag}, a step of the upgrade, has no "${SOURCES}": all of its images are taken`,
    hint: 'Name what is not used under "excludeImages".',
  };
}

function emptyList(name: string, tag: string): Finding {
  return {
    level: 'warning',
    message: `The list "${name}" of Rancher ${tag} lists nothing`,
    hint: 'That is what the release has: look at it, or at the mirror that upstreams names.',
  };
}

function textOf(files: readonly RancherFile[], name: string): string {
  const file = files.find((candidate) => candidate.name === name);
  return file === undefined ? '' : Buffer.from(file.bytes).toString('utf8');
}
