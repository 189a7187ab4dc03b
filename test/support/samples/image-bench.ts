import type { PlannedItem } from '../../../src/bundle/format/item.ts';
import type { Finding } from '../../../src/internal/finding.ts';
import { digestOf } from '../../../src/oci/digest.ts';
import { decodeManifest, successorsOf } from '../../../src/oci/manifest.ts';
import { isManifestType } from '../../../src/oci/media-type.ts';
import { createImageUpstream } from '../../../src/sources/images/upstream.ts';
import type { ImagesPart } from '../../../src/sources/images/requests.ts';
import { resolveImages } from '../../../src/sources/images/images.ts';
import type { ImageUpstream } from '../../../src/sources/questions.ts';
import type { SourceContext } from '../../../src/sources/source.ts';
import { memoryRegistries } from '../registry/memory-registry.ts';
import { type SampleImage, sampleImage } from './sample-image.ts';

/** An image for three platforms. */
export const MULTI: SampleImage = sampleImage({
  name: 'multi',
  platforms: ['linux/amd64', 'linux/arm64', 'linux/s390x'],
});
/** An image that was never an index. */
export const SINGLE: SampleImage = sampleImage({ name: 'single' });

/** Returns a context that asks `images` alone. */
export function imageContext(
  images: ImageUpstream,
  warn: (finding: Finding) => void = () => undefined,
): SourceContext {
  const unasked = async (): Promise<never> => {
    throw new Error('expected no question to the web');
  };
  const nowhere = 'http://127.0.0.1:1';
  return {
    images,
    web: { measure: unasked, document: unasked, query: unasked },
    ask: unasked,
    upstreams: {
      k3sChannels: nowhere,
      k3sReleases: nowhere,
      k3sDownloads: nowhere,
      k3sSource: nowhere,
      kubernetes: nowhere,
      rancherDownloads: nowhere,
    },
    env: {},
    host: { os: 'linux', env: {}, home: '/nowhere' },
    now: Date.now(),
    warn,
  };
}

/** What came of asking registries in memory. */
export interface ResolvedImages {
  readonly items: readonly PlannedItem[];
  readonly warnings: readonly string[];
  /** Questions to the registries. */
  readonly asked: readonly string[];
}

/** Resolves a part of a spec against registries that hold `images`. */
export async function resolveFrom(
  images: Readonly<Record<string, SampleImage>>,
  part: Partial<ImagesPart>,
): Promise<ResolvedImages> {
  const registries = memoryRegistries(images);
  const warnings: string[] = [];
  const upstream = createImageUpstream(registries.registryOf);
  const context = imageContext(upstream, ({ message }) => warnings.push(message));
  const items = await resolveImages({ images: [], listed: [], ...part }, context);
  return { items, warnings, asked: registries.asked };
}

/** Resolves `lab/app:1`, which is `image`. */
export async function resolveOne(
  image: SampleImage,
  platforms?: readonly string[],
): Promise<{ readonly planned: PlannedItem; readonly warnings: readonly string[] }> {
  const { items, warnings } = await resolveFrom({ 'lab/app:1': image }, { images: ['lab/app:1'], platforms });
  const [planned] = items;
  if (planned === undefined) throw new Error('expected one image');
  return { planned, warnings };
}

/**
 * Returns what is wrong with the order of an item's blobs: a child after its parent, a blob twice, bytes that are not
 * what their descriptor says, a root that is not the last.
 */
export function orderFaults(planned: PlannedItem): readonly string[] {
  const seen = new Set<string>();
  const faults: string[] = [];
  for (const { descriptor, origin } of planned.blobs) {
    if (seen.has(descriptor.digest)) faults.push(`${descriptor.digest} comes twice`);
    seen.add(descriptor.digest);
    if (origin.type !== 'bytes') continue;
    if (digestOf(origin.bytes) !== descriptor.digest) faults.push(`${descriptor.digest} has other bytes`);
    if (!isManifestType(descriptor.mediaType)) continue;
    const late = successorsOf(decodeManifest(origin.bytes)).filter(({ digest }) => !seen.has(digest));
    faults.push(...late.map(({ digest }) => `${digest} comes after ${descriptor.digest}`));
  }
  const last = planned.blobs.at(-1)?.descriptor.digest;
  return last === planned.item.descriptor.digest ? faults : [...faults, `${last} is not the root`];
}
