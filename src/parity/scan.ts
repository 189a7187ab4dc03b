import type { ByteReader } from '../disk/byte-file.ts';
import { equalBytes } from '../internal/bytes.ts';
import { throwIfInterrupted } from '../internal/interrupt.ts';
import type { WaitOptions } from '../oci/roles.ts';
import { type OpenParity, readOrNothing } from './file.ts';
import { dataShards, parityShards, placeOf, shardsOf } from './geometry.ts';
import { digestAt, hashShard, type ParityHead } from './head.ts';
import { blank } from './volatile.ts';

/** A stripe with damaged data shards. */
export interface HurtStripe {
  readonly stripe: number;
  /** Data shards that are damaged. */
  readonly lost: readonly number[];
  /** Rows of its parity shards that are sound. */
  readonly rows: readonly number[];
}

/** What is damaged in a bundle and in its parity file. */
export interface Scan {
  readonly lost: ReadonlySet<number>;
  /** Whether every parity shard is sound. */
  readonly isParitySound: boolean;
  /** Stripes that can be repaired. */
  readonly repairable: readonly HurtStripe[];
  /** Stripes with more damaged shards than sound parity shards. */
  readonly beyond: readonly HurtStripe[];
}

export interface ScanOptions extends WaitOptions {
  /** Called after shards were read, with their size (bytes). */
  readonly onBytes?: ((count: number) => void) | undefined;
}

/** Reads a bundle and its parity file whole, each byte once, and returns which shards are not what they were. */
export async function scanShards(
  data: ByteReader,
  parity: OpenParity,
  options: ScanOptions = {},
): Promise<Scan> {
  const { head } = parity;
  const { geometry } = head;
  const lost = new Set<number>();
  for (let shard = 0; shard < dataShards(geometry); shard++) {
    throwIfInterrupted(options.signal);
    if ((await readShard(data, shard, head)) === undefined) lost.add(shard);
    options.onBytes?.(placeOf(shard, geometry).length);
  }
  const bad = new Set<number>();
  for (let index = 0; index < parityShards(geometry); index++) {
    throwIfInterrupted(options.signal);
    if ((await parity.shard(index)) === undefined) bad.add(index);
    options.onBytes?.(geometry.shardSize);
  }
  const hurt = [...Map.groupBy(lost, (shard) => shard % geometry.stripes)].map(
    ([stripe, own]): HurtStripe => {
      const rows = Array.from({ length: geometry.parityPerStripe }, (_, row) => row);
      return {
        stripe,
        lost: own,
        rows: rows.filter((row) => !bad.has(stripe * geometry.parityPerStripe + row)),
      };
    },
  );
  return {
    lost,
    isParitySound: bad.size === 0,
    repairable: hurt.filter((one) => one.lost.length <= one.rows.length),
    beyond: hurt.filter((one) => one.lost.length > one.rows.length),
  };
}

/** Returns a data shard as it is coded, volatile bytes and what is behind the end as zeros; `undefined` when it is damaged. */
export async function readShard(
  data: ByteReader,
  shard: number,
  head: ParityHead,
): Promise<Uint8Array | undefined> {
  const { geometry, volatile } = head;
  const { position, length } = placeOf(shard, geometry);
  const found = await readOrNothing(data, position, length);
  if (found === undefined) return undefined;
  const bytes = new Uint8Array(geometry.shardSize);
  bytes.set(found);
  blank(bytes, position, volatile);
  return equalBytes(hashShard(bytes), digestAt(head, shard)) ? bytes : undefined;
}

/** Returns the data shards of a stripe that are not `lost`, with their columns. */
export function soundColumns(
  { stripe, lost }: HurtStripe,
  { geometry }: ParityHead,
): readonly { readonly column: number; readonly shard: number }[] {
  return shardsOf(stripe, geometry)
    .map((shard, column) => ({ shard, column }))
    .filter(({ shard }) => !lost.includes(shard));
}
