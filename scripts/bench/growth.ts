/**
 * Measures how time and memory of the verbs grow with the number of blobs, and draws `docs/growth-memory.svg` and
 * `docs/growth-time.svg`. `npm run bench:growth` uses images of 182 to 31 304 small blobs; `npm run bench:growth -- IMAGES…` others,
 * and then draws nothing.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { drawChart } from './growth/chart.ts';
import { BLOBS_OF_IMAGE } from './growth/image.ts';
import { type Cost, measure } from './measure.ts';

const MAIN = join(import.meta.dirname, '../../dist/main.js');
const DOCS = join(import.meta.dirname, '../../docs');
const MEBIBYTE = 2 ** 20;
/** Allowed at any number of blobs (MiB). */
const LIMIT = 128;
/** The smallest number of blobs whose growth counts: below that, the start of the program is most of it. */
const COUNTED = 2000;
/** A program that does nothing long enough for its memory to be looked at. */
const WAITING = 'setTimeout(() => undefined, 500)';
const asked = process.argv.slice(2).map(Number);
const IMAGES = asked.length > 0 ? asked : [14, 154, 616, 2408];

const work = mkdtempSync(join(tmpdir(), 'saddlebag-bench-growth-'));
try {
  await bench();
} finally {
  rmSync(work, { recursive: true });
}

async function bench(): Promise<void> {
  await measure(process.execPath, [join(import.meta.dirname, '../build.ts')]);
  await using registry = await startRegistry(Math.max(...IMAGES));
  const nothing = await measure(process.execPath, ['-e', WAITING]);
  const blobs = IMAGES.map((images) => images * BLOBS_OF_IMAGE);
  const rows = new Map<string, Cost[]>();
  for (const images of IMAGES) {
    for (const [verb, cost] of await costsOf(images, registry.host)) {
      const row = rows.get(verb) ?? [];
      row.push(cost);
      rows.set(verb, row);
    }
  }
  console.log(
    `${cpus()[0]?.model ?? 'unknown processor'}, ${availableParallelism()} cores; Node ${process.version}`,
  );
  console.log(`node -e 0: ${mebibytes(nothing)}\n`);
  const heads = blobs.map((count) => `${count.toLocaleString('en-US')} blobs`);
  console.log(`| verb | ${heads.join(' | ')} | a blob more | time a blob |`);
  console.log(`|---|${'---|'.repeat(heads.length + 2)}`);
  for (const [verb, costs] of rows) {
    const cells = costs.map(
      (cost) => `${cost.seconds.toFixed(2)} s, ${mebibytes(cost)}${isOver(cost) ? ' !' : ''}`,
    );
    console.log(`| ${[verb, ...cells, ...growthOf(blobs, costs)].join(' | ')} |`);
  }
  if (asked.length > 0) return;
  const lines = (valueOf: (cost: Cost, count: number) => number): { name: string; values: number[] }[] =>
    [...rows].map(([name, costs]) => ({
      name,
      values: costs.map((cost, at) => valueOf(cost, blobs[at] ?? 1)),
    }));
  const memory = drawChart({
    title: 'Peak memory (MiB) by number of blobs',
    blobs,
    lines: lines((cost) => cost.peakMemory / MEBIBYTE),
    limit: { value: LIMIT, name: `${LIMIT} MiB wanted` },
  });
  const time = drawChart({
    title: 'Milliseconds a blob by number of blobs',
    blobs: blobs.filter((count) => count >= COUNTED),
    lines: lines((cost, count) => (cost.seconds * 1000) / count).map(({ name, values }) => {
      return { name, values: values.filter((_, at) => (blobs[at] ?? 0) >= COUNTED) };
    }),
  });
  writeFileSync(join(DOCS, 'growth-memory.svg'), memory);
  writeFileSync(join(DOCS, 'growth-time.svg'), time);
}

/** Runs every verb on a bundle of so many images. */
async function costsOf(images: number, host: string): Promise<readonly (readonly [string, Cost])[]> {
  const folder = join(work, String(images));
  mkdirSync(folder);
  const spec = join(folder, 'spec.yaml');
  const names = Array.from({ length: images }, (_, number) => `  - ${host}/bench/small-${number}:v1\n`);
  writeFileSync(spec, `bundle: 1\nname: growth\nimages:\n${names.join('')}`);
  const bundle = join(folder, 'out.tar');
  const run = async (...args: readonly string[]): Promise<Cost> =>
    await measure(process.execPath, [MAIN, ...args, '--json'], {
      env: { XDG_STATE_HOME: join(folder, 'state') },
    });
  const place = `${host}/into-${images}`;
  const costs = [
    ['build', await run('build', spec, '-o', bundle)],
    ['verify', await run('verify', bundle)],
    ['inspect', await run('inspect', bundle)],
    ['install', await run('install', bundle, '--registry', place)],
    ['install again', await run('install', bundle, '--registry', place)],
  ] as const;
  rmSync(folder, { recursive: true });
  return costs;
}

/** Returns memory (bytes) for each blob more, and how much longer one takes at the largest number than at the smallest that counts. */
function growthOf(blobs: readonly number[], costs: readonly Cost[]): readonly string[] {
  const counted = costs.flatMap((cost, at) => {
    const count = blobs[at] ?? 0;
    return count >= COUNTED ? [{ cost, count }] : [];
  });
  const [first, last] = [counted[0], counted.at(-1)];
  if (first === undefined || last === undefined || first === last) return ['–', '–'];
  const bytes = (last.cost.peakMemory - first.cost.peakMemory) / (last.count - first.count);
  const time = last.cost.seconds / last.count / (first.cost.seconds / first.count);
  return [`${bytes.toFixed(0)} bytes`, `${time.toFixed(2)} ×`];
}

function isOver({ peakMemory }: Cost): boolean {
  return peakMemory > LIMIT * MEBIBYTE;
}

function mebibytes({ peakMemory }: Cost): string {
  return `${(peakMemory / MEBIBYTE).toFixed(0)} MiB`;
}

/** Starts the registry of small images in a process of its own, so that its memory and its thread are not ours. */
async function startRegistry(images: number): Promise<AsyncDisposable & { readonly host: string }> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'small-images.ts'), String(images)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const [line] = await once(child.stdout, 'data');
  return {
    host: String(line).trim(),
    [Symbol.asyncDispose]: async () => {
      const closed = once(child, 'close');
      child.stdin.end();
      await closed;
    },
  };
}
