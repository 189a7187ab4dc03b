import type { ByteReader } from '../disk/byte-file.ts';
import { CHUNK } from '../disk/chunk.ts';
import { throwIfInterrupted } from '../internal/interrupt.ts';
import type { WaitOptions } from '../oci/roles.ts';
import { type OpenParity, readOrNothing } from './file.ts';
import { placeOf } from './geometry.ts';
import { type RepairedShard, repairStripe } from './repair.ts';
import type { HurtStripe, Scan } from './scan.ts';
import { restore } from './volatile.ts';

/** Repaired shards that are kept in memory (bytes). */
const MEMORY = 16 * 1024 ** 2;

/**
 * Returns a reader of the bundle as it will be once it is repaired, before a byte of it is written. What cannot be repaired reads
 * as zeros. With `kept`, volatile bytes are those that the parity file has, else those on the disk wherever their
 * shard is sound.
 */
export function repairedReader(
  data: ByteReader,
  parity: OpenParity,
  options: WaitOptions & { readonly scan: Scan; readonly kept?: boolean | undefined },
): ByteReader {
  const { scan, signal, kept = false } = options;
  const { geometry, volatile } = parity.head;
  const stripes = new Map(scan.repairable.map((hurt) => [hurt.stripe, hurt]));
  const recent = new Map<number, readonly RepairedShard[]>();
  const repaired = async (hurt: HurtStripe): Promise<readonly RepairedShard[]> => {
    const shards = recent.get(hurt.stripe) ?? (await repairStripe(data, parity, { hurt, signal }));
    recent.delete(hurt.stripe);
    recent.set(hurt.stripe, shards);
    const held = [...recent.values()].reduce((sum, some) => sum + some.length * geometry.shardSize, 0);
    const [oldest] = recent.keys();
    if (held > MEMORY && oldest !== undefined && oldest !== hurt.stripe) recent.delete(oldest);
    return shards;
  };
  const shardBytes = async (shard: number): Promise<Uint8Array> => {
    const { position, length } = placeOf(shard, geometry);
    const hurt = scan.lost.has(shard) ? stripes.get(shard % geometry.stripes) : undefined;
    if (hurt !== undefined)
      return (await repaired(hurt)).find((one) => one.shard === shard)?.bytes ?? new Uint8Array(length);
    const bytes = (await readOrNothing(data, position, length)) ?? new Uint8Array(length);
    if (kept) restore(bytes, position, volatile);
    return bytes;
  };
  const read: ByteReader['read'] = async (position, length) => {
    const end = Math.min(position + length, geometry.size);
    const parts: Uint8Array[] = [];
    for (let at = position; at < end;) {
      throwIfInterrupted(signal);
      const shard = Math.floor(at / geometry.shardSize);
      const start = at - shard * geometry.shardSize;
      const part = (await shardBytes(shard)).subarray(start, start + end - at);
      parts.push(part);
      at += part.length;
    }
    return Buffer.concat(parts);
  };
  return {
    size: geometry.size,
    read,
    async *stream(position, length) {
      const end = Math.min(position + length, geometry.size);
      for (let at = position; at < end; at += CHUNK) yield await read(at, Math.min(CHUNK, end - at));
    },
    async [Symbol.asyncDispose]() {},
  };
}
