/**
 * Measures parity: coding alone, in MB of data for each second of a CPU; making a parity file of a bundle on disk, and repairing
 * a tenth of it. `npm run bench:parity` uses a bundle of 1024 MiB; `npm run bench:parity -- MEBIBYTES` sets another size.
 */
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { openVolumeReader } from '../../src/archive/volumes/reader.ts';
import { openVolumeWriter } from '../../src/archive/volumes/writer.ts';
import { formatBytes } from '../../src/internal/format.ts';
import { digestOf } from '../../src/oci/digest.ts';
import { openParity } from '../../src/parity/file.ts';
import { chooseGeometry } from '../../src/parity/geometry.ts';
import { repairStripes } from '../../src/parity/repair.ts';
import { scanShards } from '../../src/parity/scan.ts';
import { BATCH, Sums, tablesOf } from '../../src/parity/sums.ts';
import { writeParity } from '../../src/parity/write.ts';
import { incompressibleBytes } from '../../test/support/samples/sample-image.ts';

const [mebibytes = 1024] = process.argv.slice(2).map(Number);
const MIB = 2 ** 20;
const RUNS = 5;
/** Data shards and parity shards of a stripe, as for 10 %. */
const [DATA, PARITY] = [50, 5];

const folder = mkdtempSync(join(tmpdir(), 'saddlebag-bench-parity-'));
try {
  console.log(`${cpus()[0]?.model ?? 'unknown'}, ${availableParallelism()} cores; Node ${process.version}\n`);
  console.log('| what | MB of data a CPU second | seconds |\n|---|---|---|');
  const coding = Array.from({ length: RUNS }, () => code());
  console.log(
    row(`coding alone, ${DATA} + ${PARITY} shards, best of ${RUNS}`, DATA * MIB, coding.sort(byCpu)[0]),
  );
  await onDisk();
} finally {
  rmSync(folder, { recursive: true });
}

interface Cost {
  readonly cpu: number;
  readonly wall: number;
}

function byCpu(left: Cost, right: Cost): number {
  return left.cpu - right.cpu;
}

function code(): Cost {
  const shards = Array.from({ length: DATA }, (_, index) => incompressibleBytes(`shard ${index}`, MIB));
  const since = start();
  const sums = new Sums(tablesOf([0, 1, 2, 3, 4]), MIB);
  for (let next = 0; next < DATA; next += BATCH) {
    sums.add(shards.slice(next, next + BATCH).map((bytes, place) => ({ column: next + place, bytes })));
  }
  sums.finish();
  return since();
}

async function onDisk(): Promise<void> {
  const [file, path] = [join(folder, 'bundle'), join(folder, 'bundle.par')];
  const size = mebibytes * MIB;
  const handle = openSync(file, 'w');
  for (let at = 0; at < mebibytes; at++) writeSync(handle, incompressibleBytes(`MiB ${at}`, MIB));
  closeSync(handle);
  const volumes = [{ file, size }];
  const geometry = chooseGeometry(size, 10);
  const before = process.memoryUsage.rss();
  await using data = openVolumeReader(volumes);
  const making = start();
  await writeParity(data, { geometry, volumeSize: 0, root: digestOf(''), volatile: [] }, { path });
  console.log(row(`making a parity file of ${formatBytes(size)}, 10 %, with its digests`, size, making()));
  const damage = openSync(file, 'r+');
  for (let at = 0; at < mebibytes * 0.09; at++) writeSync(damage, Buffer.alloc(MIB, 'x'), 0, MIB, at * MIB);
  closeSync(damage);
  const parity = await openParity(path);
  if (parity === undefined) throw new Error('expected a parity file');
  await using _parity = parity;
  const scanning = start();
  const { repairable } = await scanShards(data, parity);
  console.log(row('finding what is damaged', size, scanning()));
  const repairing = start();
  await using writer = await openVolumeWriter(volumes, { reserve: false });
  await repairStripes(data, parity, { stripes: repairable, writer, onBytes: () => undefined });
  console.log(row('repairing 9 % of it', size, repairing()));
  console.log(
    `\nMemory: ${formatBytes(before)} before, ${formatBytes(process.resourceUsage().maxRSS * 1024)} at most.`,
  );
}

function start(): () => Cost {
  const [cpu, wall] = [process.cpuUsage(), performance.now()];
  return () => {
    const { user, system } = process.cpuUsage(cpu);
    return { cpu: (user + system) / 1e6, wall: (performance.now() - wall) / 1000 };
  };
}

function row(what: string, bytes: number, cost: Cost = { cpu: Number.NaN, wall: Number.NaN }): string {
  return `| ${what} | ${Math.round(bytes / 1e6 / cost.cpu)} | ${cost.wall.toFixed(2)} |`;
}
