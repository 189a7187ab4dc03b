import { VOLUME_LIMIT } from '../archive/volumes/volumes.ts';
import { SaddlebagError } from '../internal/error.ts';
import { equalBytes } from '../internal/bytes.ts';
import { type Digest, hexOf, parseDigest, startDigest } from '../oci/digest.ts';
import { dataShards, faultOfGeometry, type Geometry, parityShards } from './geometry.ts';
import type { Volatile } from './volatile.ts';

/** The first bytes of a parity file, and the only version there is. */
const MAGIC: Buffer = Buffer.from('saddlebag-parity');
const VERSION = { major: 1, minor: 0 } as const;
/** What comes before the list of volatile bytes (bytes). */
export const FIXED_SIZE = 96;
/** An entry of that list (bytes). */
const RANGE_SIZE = 12;
const RANGE_LIMIT = 16;
/** Volatile bytes in all (bytes). */
const VOLATILE_LIMIT = 2 ** 21;
/** Of a SHA-256 (bytes). */
const HASH_SIZE = 32;
/** Of the size of the head, at the end of the file (bytes). */
export const TRAILER_SIZE = 8;

/** What a parity file says of itself; it is there twice, at the start and at the end. */
export interface ParityHead {
  readonly geometry: Geometry;
  /** Size of all volumes but the last (bytes); 0 for a bundle in one file. */
  readonly volumeSize: number;
  /** Root digest of the bundle. */
  readonly root: Digest;
  readonly volatile: readonly Volatile[];
  /** Digests of the data shards, then of the parity shards, 32 bytes each. */
  readonly digests: Uint8Array;
}

/** Returns how long the head of a parity file is (bytes). */
export function headSize(geometry: Geometry, volatile: readonly Volatile[]): number {
  const kept = volatile.reduce((sum, { bytes }) => sum + RANGE_SIZE + bytes.length, 0);
  return FIXED_SIZE + kept + (dataShards(geometry) + parityShards(geometry) + 1) * HASH_SIZE;
}

/** Returns the digest of a shard: data shards come first, then parity shards. */
export function digestAt({ digests }: Pick<ParityHead, 'digests'>, index: number): Uint8Array {
  return digests.subarray(index * HASH_SIZE, (index + 1) * HASH_SIZE);
}

/** Returns the digest of the bytes of a shard, in the form it has in the head. */
export function hashShard(bytes: Uint8Array): Uint8Array {
  return startDigest().update(bytes).digest();
}

/** Returns the bytes of the head; all numbers are little-endian. */
export function encodeHead({ geometry, volumeSize, root, volatile, digests }: ParityHead): Buffer {
  const head = Buffer.alloc(headSize(geometry, volatile));
  head.set(MAGIC);
  head.writeUInt16LE(VERSION.major, 16);
  head.writeUInt16LE(VERSION.minor, 18);
  head.writeUInt32LE(geometry.shardSize, 20);
  head.writeBigUInt64LE(BigInt(geometry.size), 24);
  head.writeBigUInt64LE(BigInt(volumeSize), 32);
  head.writeUInt32LE(geometry.stripes, 40);
  head.writeUInt32LE(geometry.parityPerStripe, 44);
  head.set(Buffer.from(hexOf(root), 'hex'), 48);
  head.writeUInt32LE(volatile.length, 80);
  head.writeUInt32LE(
    volatile.reduce((sum, { bytes }) => sum + bytes.length, 0),
    84,
  );
  let at = FIXED_SIZE;
  for (const { position, bytes } of volatile) {
    head.writeBigUInt64LE(BigInt(position), at);
    head.writeUInt32LE(bytes.length, at + 8);
    at += RANGE_SIZE;
  }
  for (const { bytes } of volatile) {
    head.set(bytes, at);
    at += bytes.length;
  }
  head.set(digests, at);
  head.set(hashShard(head.subarray(0, -HASH_SIZE)), head.length - HASH_SIZE);
  return head;
}

/**
 * Returns the size of the head that begins with these bytes, {@link FIXED_SIZE} of them (bytes).
 *
 * @throws `ERR_PARITY_INVALID` when they are not the beginning of one, or one of another version
 */
export function sizeOfHead(fixed: Buffer): number {
  const { geometry, ranges, kept } = decodeFixed(fixed);
  const shards = dataShards(geometry) + parityShards(geometry);
  return FIXED_SIZE + ranges * RANGE_SIZE + kept + (shards + 1) * HASH_SIZE;
}

/** Returns the head in these bytes. @throws `ERR_PARITY_INVALID` */
export function decodeHead(bytes: Buffer): ParityHead {
  const { geometry, ranges } = decodeFixed(bytes);
  const end = bytes.length - HASH_SIZE;
  if (!equalBytes(hashShard(bytes.subarray(0, end)), bytes.subarray(end)))
    throw invalid('its head is damaged');
  const digestsAt = end - (dataShards(geometry) + parityShards(geometry)) * HASH_SIZE;
  const volatile: Volatile[] = [];
  let at = FIXED_SIZE + ranges * RANGE_SIZE;
  let last = 0;
  for (let range = 0; range < ranges; range++) {
    const entry = FIXED_SIZE + range * RANGE_SIZE;
    const position = numberAt(bytes, entry);
    const length = bytes.readUInt32LE(entry + 8);
    const isInPlace = length > 0 && position >= last && position + length <= geometry.size;
    if (!isInPlace || at + length > digestsAt) throw invalid('its list of volatile bytes is wrong');
    volatile.push({ position, bytes: bytes.subarray(at, at + length) });
    at += length;
    last = position + length;
  }
  if (at !== digestsAt) throw invalid('its list of volatile bytes is wrong');
  return {
    geometry,
    volumeSize: numberAt(bytes, 32),
    root: parseDigest(`sha256:${bytes.toString('hex', 48, 80)}`),
    volatile,
    digests: bytes.subarray(digestsAt, end),
  };
}

/** Returns the error for a file that is no parity file, or one that cannot be used. */
export function invalid(fact: string): SaddlebagError {
  return new SaddlebagError('ERR_PARITY_INVALID', `Cannot use a parity file: ${fact}`, {
    hint: 'Make a new one from an intact bundle with "bundle parity".',
  });
}

function decodeFixed(bytes: Buffer): {
  readonly geometry: Geometry;
  readonly ranges: number;
  readonly kept: number;
} {
  const isMarked = bytes.length >= FIXED_SIZE && equalBytes(bytes.subarray(0, MAGIC.length), MAGIC);
  if (!isMarked) throw invalid('it does not begin like a parity file');
  const major = bytes.readUInt16LE(16);
  if (major !== VERSION.major) throw invalid(`it is of version ${major}, and this program knows version 1`);
  const geometry: Geometry = {
    size: numberAt(bytes, 24),
    shardSize: bytes.readUInt32LE(20),
    stripes: bytes.readUInt32LE(40),
    parityPerStripe: bytes.readUInt32LE(44),
  };
  const fault = faultOfGeometry(geometry) ?? faultOfVolumes(numberAt(bytes, 32), geometry);
  if (fault !== undefined) throw invalid(`its head is damaged: ${fault}`);
  const ranges = bytes.readUInt32LE(80);
  const kept = bytes.readUInt32LE(84);
  if (ranges > RANGE_LIMIT || kept > VOLATILE_LIMIT) {
    throw invalid(`its head is damaged: it keeps ${kept} volatile bytes in ${ranges} places`);
  }
  return { geometry, ranges, kept };
}

function faultOfVolumes(volumeSize: number, { size }: Geometry): string | undefined {
  if (volumeSize === 0 || Math.ceil(size / volumeSize) <= VOLUME_LIMIT) return undefined;
  return `volumes have ${volumeSize} bytes`;
}

/** A number of more than 53 bits is one of nothing that there is; what checks it finds it too large. */
function numberAt(bytes: Buffer, at: number): number {
  return Number(bytes.readBigUInt64LE(at));
}
