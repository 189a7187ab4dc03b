import { SaddlebagError } from '../internal/error.ts';

/** Sizes of shards (bytes): powers of two between these. */
const SHARD = { least: 4096, most: 1024 ** 2 } as const;
/** A bundle that would have fewer shards than this has smaller ones. */
const FEW_SHARDS = 64;
/** Parity shards of a stripe that a writer aims at: more make it slower, fewer repair less of scattered damage. */
const USUAL_PARITY = 5;
/** Data shards of a stripe that a writer does not exceed. */
const USUAL_DATA = 200;
/** At most this many parity shards a stripe: they are in memory together. */
export const PARITY_LIMIT = 32;
/** Elements of GF(2^8): data and parity shards of a stripe need one each. */
const ELEMENTS = 256;
/** At most this many data shards, and this many parity shards. */
export const SHARD_LIMIT: number = 2 ** 20;

/**
 * How the bytes of a bundle are cut into shards, and which of them are repaired together. Data shard `i` is in stripe `i` modulo
 * `stripes`, so that damage in one place is spread over all stripes. Parity shards are stored stripe by stripe.
 */
export interface Geometry {
  /** Size of the bundle (bytes). */
  readonly size: number;
  /** Size of a shard (bytes). */
  readonly shardSize: number;
  readonly stripes: number;
  /** Parity shards of each stripe: as many damaged shards of a stripe can be repaired. */
  readonly parityPerStripe: number;
}

/**
 * Returns the geometry for a bundle of `size` bytes of which `percent` may be damaged.
 *
 * @throws `ERR_OUTPUT_UNWRITABLE` for a bundle of more than 1 TiB
 */
export function chooseGeometry(size: number, percent: number): Geometry {
  let shardSize: number = SHARD.most;
  while (shardSize > SHARD.least && size < shardSize * FEW_SHARDS) shardSize /= 2;
  const shards = Math.ceil(size / shardSize);
  if (shards > SHARD_LIMIT) {
    throw new SaddlebagError(
      'ERR_OUTPUT_UNWRITABLE',
      `Cannot make a parity file of a bundle of ${size} bytes: the most is ${SHARD_LIMIT * SHARD.most}`,
      { hint: 'Build several smaller bundles.' },
    );
  }
  const parity = Math.max(1, Math.ceil((shards * percent) / 100));
  const stripes = Math.max(Math.ceil(parity / USUAL_PARITY), Math.ceil(shards / USUAL_DATA));
  return { size, shardSize, stripes, parityPerStripe: Math.ceil(parity / stripes) };
}

/** Returns what is wrong with the numbers of a geometry, or `undefined`. */
export function faultOfGeometry({ size, shardSize, stripes, parityPerStripe }: Geometry): string | undefined {
  const isPower = (shardSize & (shardSize - 1)) === 0;
  if (!isPower || shardSize < SHARD.least || shardSize > SHARD.most) return `a shard has ${shardSize} bytes`;
  const shards = Math.ceil(size / shardSize);
  if (!Number.isSafeInteger(size) || shards < 1 || shards > SHARD_LIMIT)
    return `the bundle has ${size} bytes`;
  if (stripes < 1 || stripes > shards) return `there are ${stripes} stripes of ${shards} shards`;
  const isPossible =
    parityPerStripe >= 1 &&
    parityPerStripe <= PARITY_LIMIT &&
    stripes * parityPerStripe <= SHARD_LIMIT &&
    Math.ceil(shards / stripes) + parityPerStripe <= ELEMENTS;
  return isPossible ? undefined : `a stripe has ${parityPerStripe} parity shards`;
}

/** Returns the number of data shards; the last may be shorter than the others. */
export function dataShards({ size, shardSize }: Geometry): number {
  return Math.ceil(size / shardSize);
}

/** Returns the number of parity shards. */
export function parityShards({ stripes, parityPerStripe }: Geometry): number {
  return stripes * parityPerStripe;
}

/** Returns the data shards of a stripe, in the order of their columns in the matrix. */
export function shardsOf(stripe: number, geometry: Geometry): readonly number[] {
  const count = Math.ceil((dataShards(geometry) - stripe) / geometry.stripes);
  return Array.from({ length: count }, (_, column) => stripe + column * geometry.stripes);
}

/** Returns where a data shard is in the bundle (bytes). */
export function placeOf(shard: number, { size, shardSize }: Geometry): { position: number; length: number } {
  const position = shard * shardSize;
  return { position, length: Math.min(shardSize, size - position) };
}
