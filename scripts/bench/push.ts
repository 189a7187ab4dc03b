/**
 * Measures a push of 60 images with shared layers to a local `docker-registry`, and the same push again, which finds
 * everything there. The test registry counts the requests of each. `npm run bench:push -- IMAGES` sets another number.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { formatBytes, formatCount } from '../../src/internal/format.ts';
import { startDockerRegistry } from '../../test/support/registry/docker-registry.ts';
import { peer } from '../../test/support/peers/peers.ts';
import { plannedImage } from '../../test/support/planned/items.ts';
import { type InProcessRegistry, startRegistry } from '../../test/support/registry/registry.ts';
import { sampleBundle } from '../../test/support/samples/sample-bundle.ts';
import { type Cost, measure } from './measure.ts';

const MAIN = join(import.meta.dirname, '../../dist/main.js');
/** Images that share a base, as the images of one release do. */
const FAMILY = 10;
const LAYER_BYTES = 256 * 1024;
const ROUNDS = 3;
/** Seconds for 100 images that are all present. */
const WANTED = 1;
const [count = 60] = process.argv.slice(2).map(Number);

const work = mkdtempSync(join(tmpdir(), 'saddlebag-bench-push-'));
const path = join(work, 'bench.tar');
try {
  await bench();
} finally {
  rmSync(work, { recursive: true });
}

async function bench(): Promise<void> {
  await measure(process.execPath, [join(import.meta.dirname, '../build.ts')]);
  writeBundle(count);
  mkdirSync(join(work, 'home'));
  await using counted = await startRegistry();
  await push(counted.host);
  report('first run, requests', requestsOf(counted));
  counted.log.clear();
  await push(counted.host);
  report('second run, requests', requestsOf(counted));

  const program = peer('docker-registry');
  if (program === undefined) return;
  await using registry = await startDockerRegistry({ program });
  const first = await push(registry.host);
  report('first run', `${first.seconds.toFixed(2)} s`);
  const seconds = await again(registry.host);
  report('second run', `${seconds.toFixed(2)} s, the fastest of ${ROUNDS}`);
  // The fixed cost of any run: starting the program.
  writeBundle(1);
  await push(registry.host);
  const least = await again(registry.host);
  report('of a single image', `${least.toFixed(2)} s`);
  const each = (seconds - least) / (count - 1);
  report('per 100 images', `${((seconds * 100) / count).toFixed(2)} s (less than ${WANTED} wanted)`);
  report('per 100 more', `${(each * 100).toFixed(2)} s`);
}

/** Returns the seconds of the fastest of several runs that have nothing to do. */
async function again(host: string): Promise<number> {
  const seconds: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) seconds.push((await push(host)).seconds);
  return Math.min(...seconds);
}

function writeBundle(images: number): void {
  const samples = Array.from({ length: images }, (_, index) =>
    plannedImage(`docker.io/bench/image-${index}:v1`, {
      sharedLayers: ['base', `family ${index % FAMILY}`],
      layers: 1,
      layerBytes: LAYER_BYTES,
    }),
  );
  const { tar } = sampleBundle(samples);
  writeFileSync(path, tar);
  report('bundle', `${formatCount(images, 'image')}, ${formatBytes(tar.length)}`);
}

async function push(host: string): Promise<Cost> {
  const env = {
    HOME: join(work, 'home'),
    XDG_STATE_HOME: '',
    XDG_CONFIG_HOME: '',
    SADDLEBAG_TRUSTED_KEY: '',
  };
  return await measure(process.execPath, [MAIN, 'install', path, '--registry', host], { env });
}

/** Returns `120 HEAD manifest, 70 PUT upload`, most frequent first. */
function requestsOf({ log }: InProcessRegistry): string {
  const counts = Map.groupBy(log.entries, ({ method, topic }) => `${method} ${topic}`);
  const sorted = [...counts].toSorted(([, left], [, right]) => right.length - left.length);
  return `${log.entries.length}: ${sorted.map(([kind, { length }]) => `${length} ${kind}`).join(', ')}`;
}

function report(what: string, value: string): void {
  console.log(`${what.padEnd(24)}${value}`);
}
