/**
 * Counts the requests that an image costs each verb, and the round trips that wait for each other, against the test registry;
 * then measures the same verbs, and what `crane` and `oras` do instead, against a registry that is 80 ms away.
 * `npm run bench:latency -- IMAGES` sets the number of images for the latter; 0 leaves it out.
 */
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { peer } from '../../test/support/peers/peers.ts';
import { startDockerRegistry } from '../../test/support/registry/docker-registry.ts';
import { lockStep } from '../../test/support/registry/lock-step.ts';
import { pushSample } from '../../test/support/registry/push-sample.ts';
import { type InProcessRegistryOptions, startRegistry } from '../../test/support/registry/registry.ts';
import { sampleImage, type SampleImage } from '../../test/support/samples/sample-image.ts';
import { startDelayingProxy } from './latency/delaying-proxy.ts';
import { measure } from './measure.ts';
import { buildShipped } from './shipped.ts';

/** Milliseconds. */
const ROUND_TRIP = 80;
/** So many images are counted, so that what a run costs once shows apart from what each image costs. */
const COUNTED = 40;
const LAYERS = 4;
const LAYER_BYTES = 4096;
const PLATFORMS = ['linux/amd64', 'linux/arm64'];
const VERBS = ['lock', 'build', 'build --locked', 'build again, one image new', 'install', 'install again'];
const [images = 60] = process.argv.slice(2).map(Number);

const work = mkdtempSync(join(tmpdir(), 'saddlebag-bench-latency-'));
const at = (name: string): string => join(work, name);
const USER = { username: 'anyone', password: 'unused' };
const main = await prepare();
try {
  await countAll();
  if (images > 0) await timeAll();
} finally {
  rmSync(work, { recursive: true });
}

async function prepare(): Promise<string> {
  for (const name of ['home', 'docker', 'program']) mkdirSync(at(name));
  return await buildShipped(at('program'));
}

async function countAll(): Promise<void> {
  const token = { scheme: 'bearer', anonymousPull: true, ...USER } as const;
  const columns: readonly (readonly [name: string, shape: ImageShape, options: InProcessRegistryOptions])[] =
    [
      ['1 platform', { platforms: ['linux/amd64'] }, {}],
      ['2 platforms', { platforms: PLATFORMS }, {}],
      ['2, tokens', { platforms: PLATFORMS }, { auth: token }],
      ['2, referrers', { platforms: PLATFORMS }, { referrers: true }],
    ];
  const counts: string[][] = VERBS.map((verb) => [verb]);
  for (const [, shape, options] of columns)
    for (const [index, cell] of (await countColumn(shape, options)).entries()) counts[index]?.push(cell);
  print(
    `Requests an image (and round trips that wait for each other, of a single image); ${LAYERS} layers a platform`,
    ['', ...columns.map(([name]) => name)],
    counts,
  );
}

interface ImageShape {
  readonly platforms: readonly string[];
}

/** Returns a cell for each verb. */
async function countColumn(shape: ImageShape, options: InProcessRegistryOptions): Promise<readonly string[]> {
  const many = await requestsOf(shape, options, COUNTED);
  const few = await requestsOf(shape, options, COUNTED / 2);
  const rounds = await roundsOf(shape, options);
  return VERBS.map((verb) => {
    // The image that is new costs the same in both, and so does the first request of all.
    const each = ((many.get(verb) ?? 0) - (few.get(verb) ?? 0)) / (COUNTED / 2);
    return `${each.toFixed(1)} (${rounds.get(verb) ?? 0})`;
  });
}

async function requestsOf(
  shape: ImageShape,
  options: InProcessRegistryOptions,
  count: number,
): Promise<ReadonlyMap<string, number>> {
  await using registry = await startRegistry(options);
  await using target = await startRegistry();
  const found = new Map<string, number>();
  await runAll({ shape, count, source: registry, target: target.host }, (verb) => {
    const log = verb.startsWith('install') ? target.log : registry.log;
    found.set(verb, log.entries.length);
    for (const each of [registry.log, target.log]) each.clear();
  });
  return found;
}

async function roundsOf(
  shape: ImageShape,
  options: InProcessRegistryOptions,
): Promise<ReadonlyMap<string, number>> {
  const steps = lockStep();
  const targetSteps = lockStep();
  await using registry = await startRegistry({ ...options, intercept: steps.intercept });
  await using target = await startRegistry({ intercept: targetSteps.intercept });
  const found = new Map<string, number>();
  await runAll({ shape, count: 1, source: registry, target: target.host }, (verb) => {
    const { rounds } = verb.startsWith('install') ? targetSteps : steps;
    found.set(verb, rounds.length);
    if (process.env['BENCH_VERBOSE'] !== undefined)
      console.log(`${verb}\n${rounds.map((round) => `  ${round.join(', ')}`).join('\n')}`);
    steps.clear();
    targetSteps.clear();
  });
  return found;
}

interface Run {
  readonly shape: ImageShape;
  readonly count: number;
  readonly source: {
    readonly host: string;
    seed(repository: string, image: SampleImage, tag: string): Promise<void>;
  };
  readonly target: string;
}

/** Runs every verb once, and calls `onDone` after each. */
async function runAll({ shape, count, source, target }: Run, onDone: (verb: string) => void): Promise<void> {
  const folder = mkdtempSync(join(work, 'run-'));
  const spec = join(folder, 'bench.yaml');
  const out = join(folder, 'bench.tar');
  for (let index = 0; index < count; index += 1)
    await source.seed(`bench/image-${index}`, imageOf(index, shape), 'v1');
  const references = Array.from({ length: count }, (_, index) => `${source.host}/bench/image-${index}:v1`);
  writeSpec(spec, references);
  const step = async (verb: string, words: readonly string[]): Promise<void> => {
    await bundle(...words);
    onDone(verb);
  };
  await step('lock', ['lock', spec, '--lock', join(folder, 'lock.lock')]);
  await step('build', ['build', spec, '-o', out, '--lock', join(folder, 'fresh.lock')]);
  await step('build --locked', [
    'build',
    spec,
    '-o',
    join(folder, 'locked.tar'),
    '--locked',
    '--lock',
    join(folder, 'fresh.lock'),
  ]);
  await source.seed('bench/image-new', imageOf(count, shape), 'v1');
  writeSpec(spec, [...references, `${source.host}/bench/image-new:v1`]);
  await step('build again, one image new', ['build', spec, '-o', out, '--lock', join(folder, 'fresh.lock')]);
  const install = ['install', out, '--registry', target];
  await step('install', install);
  await step('install again', install);
}

async function timeAll(): Promise<void> {
  const program = peer('docker-registry');
  if (program === undefined) return;
  await using registry = await startDockerRegistry({ program });
  await using target = await startDockerRegistry({ program });
  for (let index = 0; index < images; index += 1)
    await pushSample(registry, `bench/image-${index}`, imageOf(index, { platforms: PLATFORMS }), 'v1');
  await using far = await startDelayingProxy(portOf(registry.host), { roundTrip: ROUND_TRIP });
  await using away = await startDelayingProxy(portOf(target.host), { roundTrip: ROUND_TRIP });
  const references = Array.from({ length: images }, (_, index) => `${far.host}/bench/image-${index}:v1`);
  const spec = at('far.yaml');
  writeSpec(spec, references);
  const rows: string[][] = [];
  const time = async (name: string, run: () => Promise<unknown>): Promise<void> => {
    const started = performance.now();
    await run();
    rows.push([name, `${((performance.now() - started) / 1000).toFixed(2)} s`]);
  };
  const out = at('far.tar');
  await time('lock', () => bundle('lock', spec, '--lock', at('lock.lock')));
  await time('build', () => bundle('build', spec, '-o', out));
  await time('build again', () => bundle('build', spec, '-o', out));
  await time('install', () => bundle('install', out, '--registry', away.host));
  await time('install again', () => bundle('install', out, '--registry', away.host));
  const [crane, oras] = [pathOf('crane'), pathOf('oras')];
  if (crane !== undefined)
    await time('crane pull, all at once', () =>
      measure(crane, ['pull', '--insecure', '--format', 'oci', ...references, at('crane')]),
    );
  if (oras !== undefined)
    await time('oras cp, one after the other', async () => {
      for (const [index, reference] of references.entries())
        await measure(oras, [
          'cp',
          '--from-plain-http',
          '--to-oci-layout',
          reference,
          `${at('oras')}:image-${index}`,
        ]);
    });
  print(`${images} images of two platforms, ${ROUND_TRIP} ms away`, ['', 'time'], rows);
}

/** Returns where a program is on the `PATH`; says so when it is missing. */
function pathOf(name: string): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  const found = folders.map((folder) => join(folder, name)).find((path) => existsSync(path));
  if (found === undefined) console.log(`${name} is not on the PATH`);
  return found;
}

function imageOf(index: number, { platforms }: ImageShape): SampleImage {
  return sampleImage({
    name: `image-${index}`,
    platforms,
    index: platforms.length > 1,
    layers: LAYERS,
    layerBytes: LAYER_BYTES,
  });
}

function writeSpec(path: string, references: readonly string[]): void {
  writeFileSync(path, JSON.stringify({ bundle: 1, name: 'bench', images: references }));
}

async function bundle(...words: readonly string[]): Promise<void> {
  const env = { HOME: at('home'), XDG_STATE_HOME: '', XDG_CONFIG_HOME: '', DOCKER_CONFIG: at('docker') };
  await measure(process.execPath, [main, ...words, '--quiet'], { env });
}

function portOf(host: string): number {
  return Number(host.slice(host.lastIndexOf(':') + 1));
}

function print(title: string, head: readonly string[], rows: readonly (readonly string[])[]): void {
  const lines = [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`);
  console.log(`\n${title}:\n\n${lines.join('\n')}`);
}
