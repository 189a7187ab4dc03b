import { streamOf } from '../../internal/bytes.ts';
import type { Finding } from '../../internal/finding.ts';
import { mapConcurrently } from '../../internal/gate.ts';
import type { Descriptor } from '../../oci/descriptor.ts';
import type { Digest } from '../../oci/digest.ts';
import { encodeNarrowed, writtenEntries } from '../../oci/index/narrow.ts';
import { decodeManifest, type Index, MANIFEST_LIMIT } from '../../oci/manifest.ts';
import { isIndexType } from '../../oci/media-type.ts';
import { formatPlatform } from '../../oci/platform.ts';
import type { BlobStore, Fetcher, WaitOptions } from '../../oci/roles.ts';
import { fetchDocument } from '../../oci/verified.ts';
import type { PushedImage } from './images.ts';

/** Images of which no index names anything that is not there. */
export interface WholeImages {
  readonly images: readonly PushedImage[];
  /** Returns the image with a name at the registry. */
  readonly imageAt: (name: string) => PushedImage | undefined;
  /** The bundle, with the indexes that were made. */
  readonly store: BlobStore;
  /** The content, with the same. */
  readonly content: Fetcher;
  /** The indexes that were made. */
  readonly made: ReadonlySet<Digest>;
  /** What the user must know of them: their digests are others than in the bundle. */
  readonly findings: ReadonlyMap<string, Finding>;
}

interface Narrowed {
  readonly descriptor: Descriptor;
  readonly bytes: Uint8Array;
  readonly kept: number;
  readonly all: number;
}

/**
 * Returns the images as a registry takes them. Another writer may keep an index whole and leave out its other platforms; a registry
 * refuses such an index, so an index of the platforms that are there takes its place.
 *
 * @throws what reading an index throws
 */
export async function wholeImages(
  images: readonly PushedImage[],
  options: WaitOptions & { readonly bundle: BlobStore; readonly content: Fetcher },
): Promise<WholeImages> {
  const { bundle, content } = options;
  const made = new Map<Digest, Narrowed>();
  const findings = new Map<string, Finding>();
  const whole = await mapConcurrently(images, 8, async (image): Promise<PushedImage> => {
    const narrowed = await narrow(image, options);
    if (narrowed === undefined) return image;
    const { descriptor, kept, all } = narrowed;
    made.set(descriptor.digest, narrowed);
    findings.set(image.name, {
      level: 'warning',
      message: `${image.name} has ${kept} of the ${all} entries of its index there, because the bundle lacks the others: it is ${descriptor.digest}, and in the bundle ${image.item.descriptor.digest}`,
      hint: 'Signatures are of the index in the bundle. A build with "platforms" makes such an index, and records where it is from.',
    });
    return { ...image, item: { ...image.item, descriptor } };
  });
  const byName = new Map(whole.map((image) => [image.name, image]));
  const known = { images: whole, imageAt: (name: string) => byName.get(name), findings };
  if (made.size === 0) return { ...known, store: bundle, content, made: new Set() };
  return {
    ...known,
    store: {
      ...over(bundle, made),
      sizeOf: (digest) => made.get(digest)?.bytes.length ?? bundle.sizeOf(digest),
    },
    content: over(content, made),
    made: new Set(made.keys()),
  };
}

/** An image without a tag is named by its digest, and that cannot change. */
async function narrow(
  { item, reference }: PushedImage,
  { bundle, signal }: WaitOptions & { readonly bundle: BlobStore },
): Promise<Narrowed | undefined> {
  const { descriptor } = item;
  if (item.kind !== 'image' || item.platforms === undefined || reference.tag === undefined) return undefined;
  if (!isIndexType(descriptor.mediaType)) return undefined;
  const bytes = await (bundle.fetchWhole?.(descriptor, { signal }) ??
    fetchDocument(bundle, descriptor, { signal, limit: MANIFEST_LIMIT }));
  const document = decodeManifest(bytes, descriptor.mediaType);
  if (document.type !== 'index') return undefined;
  const absent = absentIn(document, { bundle, platforms: item.platforms });
  const entries = writtenEntries({ bytes, descriptor });
  const kept = entries.filter(({ digest }) => typeof digest !== 'string' || !absent.has(digest));
  if (kept.length === entries.length || kept.length === 0) return undefined;
  const made = encodeNarrowed({ descriptor, document }, kept);
  return { descriptor: made.descriptor, bytes: made.bytes, kept: kept.length, all: entries.length };
}

/** What is for a platform that the bundle promises is no other platform, but damage. */
function absentIn(
  { manifests }: Index,
  { bundle, platforms }: { readonly bundle: BlobStore; readonly platforms: readonly string[] },
): ReadonlySet<string> {
  const others = manifests.filter(
    ({ digest, platform }) =>
      bundle.sizeOf(digest) === undefined &&
      !(platform !== undefined && platforms.includes(formatPlatform(platform))),
  );
  return new Set(others.map(({ digest }) => digest));
}

function over(source: Fetcher, made: ReadonlyMap<Digest, Narrowed>): Fetcher {
  const { fetchWhole } = source;
  return {
    fetch: (target, options = {}) => {
      const own = made.get(target.digest);
      return own === undefined ? source.fetch(target, options) : streamOf(own.bytes, options.offset);
    },
    fetchWhole:
      fetchWhole === undefined
        ? undefined
        : async (target, options) => made.get(target.digest)?.bytes ?? (await fetchWhole(target, options)),
  };
}
