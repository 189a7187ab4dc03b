/**
 * Measures build, verify and install against `curl` and `sha256sum` in the same run, over real registries on loopback. `npm
 * run bench` uses 1.1 GiB in 48 layers; `npm run bench -- IMAGES MEBIBYTES` sets the number of images and the layer size.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { formatBytes } from '../../src/internal/format.ts';
import { startDockerRegistry } from '../../test/support/registry/docker-registry.ts';
import { peer } from '../../test/support/peers/peers.ts';
import { fillCorpus } from './corpus.ts';
import { curlFetch, curlPush } from './curl.ts';
import { measureFloor } from './floor.ts';
import { type Cost, measure } from './measure.ts';

const PARALLEL = 8;
const ROUNDS = 3;
const MAIN = join(import.meta.dirname, '../../dist/main.js');
const [images = 12, layerMebibytes = 24] = process.argv.slice(2).map(Number);

const program = peer('docker-registry') ?? fail('docker-registry is not installed');
const work = mkdtempSync(join(tmpdir(), 'saddlebag-bench-'));
try {
  await bench();
} finally {
  rmSync(work, { recursive: true });
}

async function bench(): Promise<void> {
  await measure(process.execPath, [join(import.meta.dirname, '../build.ts')]);
  await using source = await startDockerRegistry({ program });
  const corpus = await fillCorpus(source, { images, layerBytes: layerMebibytes * 1024 * 1024 });
  const spec = join(work, 'bench.yaml');
  writeFileSync(
    spec,
    `bundle: 1\nname: bench\nimages:\n${corpus.references.map((name) => `  - ${name}\n`).join('')}`,
  );
  const floor = await measureFloor(source.url, corpus.blobs, {
    folder: emptied('floor'),
    parallel: PARALLEL,
    bytes: corpus.bytes,
  });

  const rows: Row[] = [];
  const fetched = await best(() =>
    curlFetch(source.url, corpus.blobs, { folder: emptied('blobs'), parallel: PARALLEL }),
  );
  const built = await best(() => {
    const folder = emptied('out');
    const args = [
      MAIN,
      'build',
      spec,
      '-o',
      join(folder, 'bench.tar'),
      '--concurrency',
      String(PARALLEL),
      '--json',
    ];
    return measure(process.execPath, args, { watch: folder });
  });
  rows.push({ name: 'build', ours: built, theirs: fetched, peer: 'curl | sha256sum', limit: 1.25 });

  const bundle = join(work, 'out', 'bench.tar');
  const summed = await best(() => measure('sha256sum', [bundle]));
  const verified = await best(() => measure(process.execPath, [MAIN, 'verify', bundle, '--json']));
  const cores = availableParallelism();
  rows.push({
    name: 'verify',
    ours: verified,
    theirs: { ...summed, seconds: summed.seconds / cores },
    peer: `sha256sum on each of ${cores} cores`,
    limit: 1 / 0.9,
  });

  const pushed = await best(async () => {
    await using target = await startDockerRegistry({ program });
    const blobs = corpus.blobs.map(({ digest }) => ({ repository: 'bench/all', digest }));
    return await curlPush(target.url, blobs, { folder: join(work, 'blobs'), parallel: PARALLEL });
  });
  const installed = await best(async () => {
    await using target = await startDockerRegistry({ program });
    const args = [MAIN, 'install', bundle, '--registry', target.host, '--json'];
    return await measure(process.execPath, args, { env: { XDG_STATE_HOME: emptied('state') } });
  });
  rows.push({ name: 'install', ours: installed, theirs: pushed, peer: 'curl uploads', limit: 1.25 });

  console.log(
    `${cpus()[0]?.model ?? 'unknown processor'}, ${cores} cores, ${formatBytes(totalmem())}; Node ${process.version}`,
  );
  console.log(
    `corpus: ${formatBytes(corpus.bytes)} in ${corpus.blobs.length} blobs; best of ${ROUNDS}; ${PARALLEL} at a time`,
  );
  console.log(
    `floor: hashing ${rate(floor.hashing)} a core, writing ${rate(floor.writing)}, receiving ${rate(floor.receiving)}\n`,
  );
  console.log('| what | ours | peer | ratio | allowed | peak memory |\n|---|---|---|---|---|---|');
  for (const row of rows) console.log(rowText(row));
  console.log(`\npeak disk of build: ${(built.peakDisk / bytesOf(built)).toFixed(3)} × the bundle`);
}

interface Row {
  readonly name: string;
  readonly ours: Cost;
  readonly theirs: Cost;
  readonly peer: string;
  /** The highest ratio that the project allows. */
  readonly limit: number;
}

function rowText({ name, ours, theirs, peer, limit }: Row): string {
  const ratio = ours.seconds / theirs.seconds;
  const cells = [
    name,
    `${ours.seconds.toFixed(2)} s`,
    `${theirs.seconds.toFixed(2)} s (${peer})`,
    `${ratio.toFixed(2)}${ratio > limit ? ' !' : ''}`,
    limit.toFixed(2),
    formatBytes(ours.peakMemory),
  ];
  return `| ${cells.join(' | ')} |`;
}

/** The fastest of several runs, which the rest of the machine disturbed least. Peaks are the highest of all runs. */
async function best(run: () => Promise<Cost>): Promise<Cost> {
  const costs: Cost[] = [];
  for (let round = 0; round < ROUNDS; round++) costs.push(await run());
  const fastest = costs.reduce((left, right) => (right.seconds < left.seconds ? right : left));
  return {
    ...fastest,
    peakMemory: Math.max(...costs.map((cost) => cost.peakMemory)),
    peakDisk: Math.max(...costs.map((cost) => cost.peakDisk)),
  };
}

function bytesOf(cost: Cost): number {
  const result: unknown = JSON.parse(cost.stdout);
  if (typeof result === 'object' && result !== null && 'bytes' in result) return Number(result.bytes);
  throw new Error(`Cannot read the result of build: it is ${cost.stdout}`);
}

function emptied(name: string): string {
  const folder = join(work, name);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  return folder;
}

function fail(fact: string): never {
  throw new Error(`Cannot run the bench: ${fact}`);
}

function rate(bytesPerSecond: number): string {
  return `${formatBytes(bytesPerSecond)}/s`;
}
