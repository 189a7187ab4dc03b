import type { ByteReader, ByteWriter } from '../disk/byte-file.ts';
import { placeInPieces } from '../disk/placing/in-pieces.ts';
import type { ByteStream } from '../internal/bytes.ts';
import { SaddlebagError } from '../internal/error.ts';
import { throwIfInterrupted } from '../internal/interrupt.ts';
import { Lease } from '../internal/lease.ts';
import type { WaitOptions } from '../oci/roles.ts';
import { dataShards, type Geometry, parityShards, shardsOf } from './geometry.ts';
import { encodeHead, hashShard, headSize, type ParityHead, TRAILER_SIZE } from './head.ts';
import { BATCH, type Summand, Sums, type Tables, tablesOf } from './sums.ts';
import { blank } from './volatile.ts';

/** Memory for the stripes that are computed at a time (bytes). */
const MEMORY = 64 * 1024 ** 2;

/** What a parity file is to say, but for the digests. */
export type ParityContent = Omit<ParityHead, 'digests'>;

export interface ParityOptions extends WaitOptions {
  /** Where it goes; what is there is replaced. */
  readonly path: string;
  /** Called for each piece of the bundle that was read (bytes). */
  readonly onBytes?: ((count: number) => void) | undefined;
}

/** Returns the size of a parity file (bytes). */
export function paritySize({ geometry, volatile }: Pick<ParityContent, 'geometry' | 'volatile'>): number {
  return 2 * headSize(geometry, volatile) + parityShards(geometry) * geometry.shardSize + TRAILER_SIZE;
}

/**
 * Writes the parity file of the bundle behind `reader`, reading each byte once. It gets its name when it is complete.
 *
 * @throws `ERR_DISK_FULL`, `ERR_OUTPUT_UNWRITABLE`, `ERR_DISK_FAILED`, `ERR_INTERRUPTED`
 */
export async function writeParity(
  reader: ByteReader,
  content: ParityContent,
  options: ParityOptions,
): Promise<void> {
  const { geometry } = content;
  const digests = new Uint8Array((dataShards(geometry) + parityShards(geometry)) * 32);
  const rows = Array.from({ length: geometry.parityPerStripe }, (_, row) => row);
  const { signal, onBytes } = options;
  const work: Work = { reader, content, digests, tables: tablesOf(rows), signal, onBytes };
  const size = paritySize(content);
  await placeInPieces(options.path, {
    size,
    fill: async (writer) => {
      const group = stripesAtOnce(geometry);
      for (let first = 0; first < geometry.stripes; first += group) {
        const count = Math.min(group, geometry.stripes - first);
        await writeStripes({ first, count }, writer, work);
      }
      const head = encodeHead({ ...content, digests });
      const trailer = Buffer.alloc(TRAILER_SIZE);
      trailer.writeBigUInt64LE(BigInt(head.length));
      await writer.write([head], 0);
      await writer.write([head, trailer], size - head.length - TRAILER_SIZE);
    },
  });
}

interface Work extends Omit<ParityOptions, 'path'> {
  readonly reader: ByteReader;
  readonly content: ParityContent;
  /** Filled in as shards are known. */
  readonly digests: Uint8Array;
  readonly tables: Tables;
}

/** Shards of neighbouring stripes lie side by side, so several stripes at once are read in longer runs. */
function stripesAtOnce({ shardSize, stripes, parityPerStripe }: Geometry): number {
  const words = 1 + 4 * Math.ceil((parityPerStripe - 1) / 4);
  return Math.max(1, Math.min(stripes, Math.floor(MEMORY / (shardSize * (words + BATCH)))));
}

async function writeStripes(
  { first, count }: { readonly first: number; readonly count: number },
  writer: ByteWriter,
  work: Work,
): Promise<void> {
  const { geometry, volatile } = work.content;
  const { shardSize, parityPerStripe } = geometry;
  const sums = Array.from({ length: count }, () => new Sums(work.tables, shardSize));
  const columns = shardsOf(first, geometry);
  const buffers = Array.from({ length: BATCH }, () => new Uint8Array(count * shardSize));
  for (let column = 0; column < columns.length; column += BATCH) {
    const summands = sums.map((): Summand[] => []);
    for (const [place, shard] of columns.slice(column, column + BATCH).entries()) {
      const buffer = buffers[place] ?? new Uint8Array(count * shardSize);
      await readRun(buffer, shard, work);
      for (const [stripe, own] of summands.entries()) {
        const bytes = buffer.subarray(stripe * shardSize, (stripe + 1) * shardSize);
        if (shard + stripe >= dataShards(geometry)) continue;
        work.digests.set(hashShard(bytes), (shard + stripe) * 32);
        own.push({ column: column + place, bytes });
      }
    }
    for (const [stripe, sum] of sums.entries()) sum.add(summands[stripe] ?? []);
  }
  const start = headSize(geometry, volatile);
  for (const [place, sum] of sums.entries()) {
    const shards = sum.finish();
    const index = (first + place) * parityPerStripe;
    for (const [row, shard] of shards.entries()) {
      work.digests.set(hashShard(shard), (dataShards(geometry) + index + row) * 32);
    }
    await writer.write(shards, start + index * shardSize);
  }
}

/** Fills a buffer with the data shards from `shard` on, with zeros behind the last. */
async function readRun(
  buffer: Uint8Array,
  shard: number,
  { reader, content, signal, onBytes }: Work,
): Promise<void> {
  const { geometry, volatile } = content;
  const position = shard * geometry.shardSize;
  const length = Math.min(buffer.length, geometry.size - position);
  throwIfInterrupted(signal);
  const lease = new Lease({ chunks: 1 });
  const stream = reader.stream(position, length, { signal, lease });
  if ((await fill(buffer, stream, onBytes)) !== length) throw cutShort(geometry, position);
  lease.end();
  buffer.fill(0, length);
  blank(buffer, position, volatile);
}

async function fill(
  buffer: Uint8Array,
  stream: ByteStream,
  onBytes: ((count: number) => void) | undefined,
): Promise<number> {
  let filled = 0;
  for await (const chunk of stream) {
    buffer.set(chunk, filled);
    filled += chunk.length;
    onBytes?.(chunk.length);
  }
  return filled;
}

function cutShort({ size }: Geometry, position: number): SaddlebagError {
  return new SaddlebagError(
    'ERR_DISK_FAILED',
    `Cannot make a parity file: the bundle ends before byte ${position}, and had ${size} bytes`,
    { hint: 'Another program has changed it. Let it finish, and try again.' },
  );
}
