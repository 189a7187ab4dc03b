import { volumeName } from '../archive/volumes/volumes.ts';
import type { ByteReader } from '../disk/byte-file.ts';
import { openFileReader } from '../disk/reader.ts';
import { betweenNames, type Rename } from '../disk/placing/renames.ts';
import { equalBytes } from '../internal/bytes.ts';
import { isSaddlebagError } from '../internal/error.ts';
import { readOrNothing } from './file.ts';
import type { Geometry } from './geometry.ts';
import { digestAt, hashShard, type ParityHead } from './head.ts';
import { blank } from './volatile.ts';

/** Shards by which a volume is known. */
const PROBES = 3;
/** At most so many files are compared with so many places. */
const PAIRS_LIMIT = 4096;

/**
 * Returns the volumes of `base` that lie under the name of another one, by their content. Where none can be told, as when
 * volumes are smaller than a shard, the result is empty.
 */
export async function movedVolumes(base: string, head: ParityHead): Promise<readonly Rename[]> {
  const { geometry, volumeSize } = head;
  if (volumeSize === 0) return [];
  const count = Math.ceil(geometry.size / volumeSize);
  const places = Array.from({ length: count }, (_, index) => index);
  const homeless = new Set<string>();
  const empty: number[] = [];
  for (const place of places) {
    const file = volumeName(base, place + 1);
    if ((await matches(file, place, head)).some(Boolean)) continue;
    empty.push(place);
    homeless.add(file);
    homeless.add(betweenNames(file));
  }
  if (homeless.size * empty.length > PAIRS_LIMIT) return [];
  const renames: Rename[] = [];
  for (const place of empty) {
    for (const file of homeless) {
      const found = await matches(file, place, head);
      if (found.length === 0 || !found.every(Boolean)) continue;
      renames.push({ from: file, to: volumeName(base, place + 1) });
      homeless.delete(file);
      break;
    }
  }
  return renames;
}

/** Returns for each probe of a place whether a file has it there. */
async function matches(file: string, place: number, head: ParityHead): Promise<readonly boolean[]> {
  const reader = await openOrNothing(file);
  if (reader === undefined) return [];
  await using _reader = reader;
  const { geometry, volumeSize, volatile } = head;
  const found: boolean[] = [];
  for (const shard of probesOf(place, volumeSize, geometry)) {
    const position = shard * geometry.shardSize;
    const bytes = await readOrNothing(reader, position - place * volumeSize, geometry.shardSize);
    if (bytes !== undefined) blank(bytes, position, volatile);
    found.push(
      bytes !== undefined && isTelling(bytes) && equalBytes(hashShard(bytes), digestAt(head, shard)),
    );
  }
  return found;
}

/** Returns some of the shards that lie in one volume alone. */
function probesOf(place: number, volumeSize: number, { size, shardSize }: Geometry): readonly number[] {
  const first = Math.ceil((place * volumeSize) / shardSize);
  const last = Math.floor(Math.min(size, (place + 1) * volumeSize) / shardSize) - 1;
  if (last < first) return [];
  const steps = Array.from(
    { length: PROBES },
    (_, step) => first + Math.round(((last - first) * step) / (PROBES - 1)),
  );
  return [...new Set(steps)];
}

/** Zeros are everywhere. */
function isTelling(bytes: Uint8Array): boolean {
  return bytes.some((byte) => byte !== 0);
}

async function openOrNothing(file: string): Promise<ByteReader | undefined> {
  try {
    return await openFileReader(file, { follow: false });
  } catch (error) {
    if (isSaddlebagError(error)) return undefined;
    throw error;
  }
}
