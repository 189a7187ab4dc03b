import type { ByteReader, ByteWriter } from '../disk/byte-file.ts';
import { equalBytes } from '../internal/bytes.ts';
import { SaddlebagError } from '../internal/error.ts';
import { throwIfInterrupted } from '../internal/interrupt.ts';
import type { WaitOptions } from '../oci/roles.ts';
import type { OpenParity } from './file.ts';
import { placeOf } from './geometry.ts';
import { digestAt, hashShard } from './head.ts';
import { coefficient, invert } from './matrix.ts';
import { type HurtStripe, readShard, soundColumns } from './scan.ts';
import { addTo, BATCH, scaled, Sums, tablesOf } from './sums.ts';
import { restore } from './volatile.ts';

/** The bytes of a data shard as they belong into the bundle, and where (bytes). */
export interface RepairedShard {
  readonly shard: number;
  readonly position: number;
  readonly bytes: Uint8Array;
}

/**
 * Computes the damaged shards of a stripe from its sound ones. Each is compared with its digest before it is returned.
 *
 * @throws `ERR_DISK_FAILED` when a sound shard cannot be read any more, `ERR_INTERRUPTED`
 */
export async function repairStripe(
  data: ByteReader,
  parity: OpenParity,
  options: WaitOptions & { readonly hurt: HurtStripe },
): Promise<readonly RepairedShard[]> {
  const { hurt, signal } = options;
  const { head } = parity;
  const { geometry } = head;
  const rows = hurt.rows.slice(0, hurt.lost.length);
  const sums = new Sums(tablesOf(rows), geometry.shardSize);
  const sound = soundColumns(hurt, head);
  for (let next = 0; next < sound.length; next += BATCH) {
    throwIfInterrupted(signal);
    const batch = sound.slice(next, next + BATCH).map(async ({ column, shard }) => {
      return { column, bytes: (await readShard(data, shard, head)) ?? changed(shard) };
    });
    sums.add(await Promise.all(batch));
  }
  // What is left of each parity shard when the sound shards are taken off is the part of the lost ones.
  const rests = sums.finish();
  for (const [place, row] of rows.entries()) {
    const index = hurt.stripe * geometry.parityPerStripe + row;
    addTo(rests[place] ?? new Uint8Array(), (await parity.shard(index)) ?? changed(index));
  }
  const columns = hurt.lost.map((shard) => Math.floor(shard / geometry.stripes));
  const solution = invert(rows.map((row) => columns.map((column) => coefficient(row, column))));
  return hurt.lost.map((shard, place): RepairedShard => {
    const bytes = new Uint8Array(geometry.shardSize);
    for (const [index, rest] of rests.entries()) addTo(bytes, scaled(rest, solution[place]?.[index] ?? 0));
    if (!equalBytes(hashShard(bytes), digestAt(head, shard))) return changed(shard);
    const { position, length } = placeOf(shard, geometry);
    restore(bytes, position, head.volatile);
    return { shard, position, bytes: bytes.subarray(0, length) };
  });
}

/** Writes the damaged shards of stripes where they belong, and nothing else. Done again, it goes on where it ended. */
export async function repairStripes(
  data: ByteReader,
  parity: OpenParity,
  options: WaitOptions & {
    readonly stripes: readonly HurtStripe[];
    readonly writer: ByteWriter;
    readonly onBytes: (count: number) => void;
  },
): Promise<void> {
  for (const hurt of options.stripes) {
    for (const { position, bytes } of await repairStripe(data, parity, { hurt, signal: options.signal })) {
      await options.writer.write([bytes], position);
      options.onBytes(bytes.length);
    }
  }
  await options.writer.sync();
}

function changed(shard: number): never {
  throw new SaddlebagError(
    'ERR_DISK_FAILED',
    `Cannot repair with parity: shard ${shard} has changed in the meantime`,
    {
      hint: 'Another program is writing to the bundle, or the medium is failing. Try again, or copy it to another medium.',
    },
  );
}
