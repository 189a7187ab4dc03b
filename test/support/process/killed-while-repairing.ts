import { setTimeout as pause } from 'node:timers/promises';
import { openVolumeReader } from '../../../src/archive/volumes/reader.ts';
import { openVolumeWriter } from '../../../src/archive/volumes/writer.ts';
import { parityBeside } from '../../../src/bundle/parity/repair.ts';
import { repairStripes } from '../../../src/parity/repair.ts';
import { scanShards } from '../../../src/parity/scan.ts';

/** Path of this program. */
export const KILLED_WHILE_REPAIRING: string = import.meta.filename;

// As a program of its own: repairs argv[2] by the parity file beside it and stalls in the middle of a shard, to be killed there.
if (import.meta.main) await repairHalf(process.argv[2] ?? '', Number(process.argv[3]));

async function repairHalf(path: string, shards: number): Promise<void> {
  const beside = await parityBeside(path);
  if (beside === undefined) throw new Error('expected a parity file');
  const { parity, volumes } = beside;
  const data = openVolumeReader(volumes, { growing: true });
  const { repairable } = await scanShards(data, parity);
  const writer = await openVolumeWriter(volumes, { reserve: false });
  let written = 0;
  await repairStripes(data, parity, {
    stripes: repairable,
    onBytes: () => undefined,
    writer: {
      write: async (chunks, position) => {
        written += 1;
        if (written <= shards) return await writer.write(chunks, position);
        const bytes = Buffer.concat(chunks);
        await writer.write([bytes.subarray(0, bytes.length >> 1)], position);
        process.stdout.write('half\n');
        await pause(3_600_000);
      },
      sync: () => writer.sync(),
      [Symbol.asyncDispose]: () => writer[Symbol.asyncDispose](),
    },
  });
}
