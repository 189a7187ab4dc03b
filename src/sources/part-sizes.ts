import type { PlannedItem } from '../bundle/format/item.ts';
import type { Digest } from '../oci/digest.ts';

/** A release with the parts that its images are for. */
export interface ReleaseParts {
  /** `Rancher v2.9.2` */
  readonly name: string;
  readonly parts: readonly ReleasePart[];
}

/** A part of a release. */
interface ReleasePart {
  readonly name: string;
  /** What does not work without it; left out for what every installation needs. */
  readonly without?: string | undefined;
  /** Its images in the bundle, by full reference. */
  readonly images: readonly string[];
  /** Its images that were left out on purpose. */
  readonly leftOut: readonly string[];
}

/** How much of a bundle a release makes. Sizes in bytes. */
export interface ReleaseSize {
  /** `Rancher v2.9.2` */
  readonly name: string;
  /** Number of its images in the bundle. */
  readonly images: number;
  /** All of them, each blob counted once. */
  readonly bytes: number;
  /** How much of that several parts have in common, or other items of the bundle have too. */
  readonly sharedBytes: number;
  /** The largest first, then those of which nothing is taken, by name. */
  readonly parts: readonly PartSize[];
}

/** How much of a bundle one part of a release makes. Sizes in bytes. */
export interface PartSize {
  /** `monitoring`; the name of a chart for one that no known part has. */
  readonly name: string;
  /** Number of its images in the bundle, those included that other parts want too. */
  readonly images: number;
  /** What it alone has: so much smaller is the bundle without it. */
  readonly bytes: number;
  /** What it has in common with other parts or items. */
  readonly sharedBytes: number;
  /** Number of its images that were left out on purpose. */
  readonly leftOut: number;
  /** What does not work without it; left out for what every installation needs. */
  readonly without?: string | undefined;
}

/** Whatever else is in the bundle. */
const OTHERS = '';

/** Returns the size of a release and of its parts, of the blobs that `isIncluded` says the bundle holds. */
export function sizeOfParts(
  { name, parts }: ReleaseParts,
  items: readonly PlannedItem[],
  isIncluded: (digest: Digest) => boolean,
): ReleaseSize {
  // Expressions of the spec may leave out what a part takes, and other keys bring what no part does.
  const present = new Set(items.map(({ item }) => item.name));
  const byImage = Map.groupBy(
    parts.flatMap((part) =>
      part.images.filter((image) => present.has(image)).map((image) => ({ image, part: part.name })),
    ),
    ({ image }) => image,
  );
  const blobs = new Map<Digest, { readonly size: number; readonly owners: Set<string> }>();
  for (const { item, blobs: own } of items) {
    // Some of them are charts that a registry has.
    const owners = byImage.get(item.name)?.map(({ part }) => part) ?? [OTHERS];
    for (const { descriptor } of own.filter((blob) => isIncluded(blob.descriptor.digest))) {
      const blob = blobs.get(descriptor.digest) ?? { size: descriptor.size, owners: new Set() };
      for (const owner of owners) blob.owners.add(owner);
      blobs.set(descriptor.digest, blob);
    }
  }
  const ofRelease = [...blobs.values()].filter(({ owners }) => owners.size > 1 || !owners.has(OTHERS));
  const sizes = parts.map((part): PartSize => {
    const own = ofRelease.filter(({ owners }) => owners.has(part.name));
    return {
      name: part.name,
      images: part.images.filter((image) => present.has(image)).length,
      bytes: sumOf(own.filter(({ owners }) => owners.size === 1)),
      sharedBytes: sumOf(own.filter(({ owners }) => owners.size > 1)),
      leftOut: part.leftOut.filter((image) => !present.has(image)).length,
      without: part.without,
    };
  });
  return {
    name,
    images: byImage.size,
    bytes: sumOf(ofRelease),
    sharedBytes: sumOf(ofRelease.filter(({ owners }) => owners.size > 1)),
    parts: sizes.toSorted((left, right) => right.bytes - left.bytes || right.images - left.images),
  };
}

function sumOf(blobs: readonly { readonly size: number }[]): number {
  return blobs.reduce((sum, { size }) => sum + size, 0);
}
