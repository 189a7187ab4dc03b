/**
 * Measures build, verify and install against the peers on the PATH (crane, oras, regctl, skopeo, hauler) and against `curl`
 * and `sha256sum`, in turn in the same run, over real registries on loopback. It uses 1.6 GiB in 160 layers;
 * `node scripts/bench/verbs.ts IMAGES MEBIBYTES` sets the number of images and the size of their four layers.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { formatBytes } from '../../src/internal/format.ts';
import { startDockerRegistry } from '../../test/support/registry/docker-registry.ts';
import { peer } from '../../test/support/peers/peers.ts';
import { type Contestant, contest } from './contest.ts';
import { type Corpus, fillCorpus } from './corpus.ts';
import { curlFetch, curlPush } from './curl.ts';
import { measureFloor } from './floor.ts';
import { type Cost, measure } from './measure.ts';
import { peersHere } from './peers/programs.ts';
import { fetchWith, pushWith } from './peers/run.ts';
import { buildShipped } from './shipped.ts';

const PARALLEL = 8;
const NODE = process.execPath;
// `docker-registry` shows no manifest of OCI to those who take anything.
const TYPES =
  'application/vnd.oci.image.manifest.v1+json, application/vnd.docker.distribution.manifest.v2+json';
/** What the project wants, ours to theirs, by the peer. */
const BUILD = { crane: { seconds: 0.9, user: 1.5 }, oras: { seconds: 0.9 } };
const INSTALL = { crane: { seconds: 1 } };
const [images = 40, layerMebibytes = 10] = process.argv.slice(2).map(Number);

const program = peer('docker-registry') ?? fail('docker-registry is not installed');
const work = mkdtempSync(join(tmpdir(), 'saddlebag-bench-'));
try {
  await bench();
} finally {
  rmSync(work, { recursive: true });
}

async function bench(): Promise<void> {
  const main = await buildShipped(work);
  await using source = await startDockerRegistry({ program });
  const corpus = await fillCorpus(source, { images, layerBytes: layerMebibytes * 1024 * 1024 });
  const spec = join(work, 'bench.yaml');
  const list = corpus.references.map((name) => `  - ${name}\n`).join('');
  writeFileSync(spec, `bundle: 1\nname: bench\nimages:\n${list}`);
  const { here, missing } = peersHere();
  const jobOf = (name: string) => ({
    references: corpus.references,
    folder: join(work, `by-${name}`),
    parallel: PARALLEL,
  });
  // It also reads every blob at the registry once, so that the page cache is warm for all alike.
  const floor = await measureFloor(source.url, corpus.blobs, {
    folder: emptied('floor'),
    parallel: PARALLEL,
    bytes: corpus.bytes,
  });
  const bundle = join(work, 'out', 'bench.tar');
  const blobs = join(work, 'blobs');

  let built: Cost | undefined;
  const builds = await contest('build', [
    {
      name: 'ours',
      run: async () => {
        const args = ['build', spec, '-o', bundle, '--concurrency', String(PARALLEL), '--json'];
        return (built = await measure(NODE, [main, ...args], { watch: emptied('out') }));
      },
    },
    {
      name: '`curl` into `tee` and `sha256sum`',
      run: () => curlFetch(source.url, corpus.blobs, { folder: emptied('blobs'), parallel: PARALLEL }),
    },
    ...here.map((each): Contestant => ({
      name: each.name,
      run: () => fetchWith(each, jobOf(each.name)),
      allowed: wanted(BUILD, each.name),
    })),
  ]);

  const cores = availableParallelism();
  const verifies = await contest('verify', [
    { name: 'ours', run: () => measure(NODE, [main, 'verify', bundle, '--json']) },
    {
      name: `\`sha256sum\` on each of ${cores} cores`,
      run: () => measure('sha256sum', [bundle]),
      allowed: { seconds: 1 / 0.9 },
      cores,
    },
  ]);

  const installs = await contest('install', [
    {
      name: 'ours',
      run: () =>
        intoNew(corpus, ({ host }) =>
          measure(NODE, [main, 'install', bundle, '--registry', host, '--json'], {
            env: { XDG_STATE_HOME: emptied('state') },
          }),
        ),
    },
    {
      name: '`curl` uploads',
      run: async () => {
        await using target = await startDockerRegistry({ program });
        const files = corpus.blobs.map(({ digest }) => ({ repository: 'bench/all', digest }));
        return await curlPush(target.url, files, { folder: blobs, parallel: PARALLEL });
      },
      allowed: { seconds: 1.15 },
    },
    ...here.map((each): Contestant => ({
      name: each.name,
      run: () => intoNew(corpus, ({ host }) => pushWith(each, host, jobOf(each.name))),
      allowed: wanted(INSTALL, each.name),
    })),
  ]);

  console.log(
    `${cpus()[0]?.model ?? 'unknown processor'}, ${cores} cores, ${formatBytes(totalmem())}; Node ${process.version}`,
  );
  console.log(
    `corpus: ${formatBytes(corpus.bytes)} in ${corpus.blobs.length} blobs; best of 3 in turn; ${PARALLEL} at a time`,
  );
  console.log(
    `floor: hashing ${rate(floor.hashing)} a core, writing ${rate(floor.writing)}, receiving ${rate(floor.receiving)}`,
  );
  if (missing.length > 0) console.log(`not on the PATH: ${missing.join(', ')}`);
  console.log(
    '\n| work | by | time | ours to theirs | user time | ours to theirs | memory |\n|---|---|---|---|---|---|---|',
  );
  for (const row of [...builds, ...verifies, ...installs]) console.log(row);
  if (built !== undefined) {
    console.log(`\npeak disk of build: ${(built.peakDisk / bytesOf(built)).toFixed(3)} × the bundle`);
  }
}

/** Runs a push into an empty registry, and makes sure that every image is there by its digest. */
async function intoNew(
  { references, roots }: Corpus,
  push: (target: { readonly host: string }) => Promise<Cost>,
): Promise<Cost> {
  await using target = await startDockerRegistry({ program });
  const cost = await push(target);
  const there = await rootsAt(target.url);
  for (const [index, reference] of references.entries()) {
    if (!there.has(roots[index] ?? '')) fail(`after a push, "${reference}" is not there by its digest`);
  }
  return cost;
}

/** Returns the digests of all tags of a registry, whatever the programs call its repositories. */
async function rootsAt(url: string): Promise<ReadonlySet<string>> {
  const catalogue: { readonly repositories: readonly string[] } = JSON.parse(
    await (await fetch(`${url}/v2/_catalog?n=1000`)).text(),
  );
  const roots = new Set<string>();
  for (const name of catalogue.repositories) {
    const found = await fetch(`${url}/v2/${name}/manifests/v1`, { headers: { accept: TYPES } });
    await found.arrayBuffer();
    roots.add(found.headers.get('docker-content-digest') ?? '');
  }
  return roots;
}

function wanted(
  by: Readonly<Record<string, Contestant['allowed']>>,
  name: string,
): NonNullable<Contestant['allowed']> {
  return by[name] ?? {};
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
