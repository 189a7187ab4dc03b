/**
 * Measures `bundle serve` against nginx for the same file on loopback: throughput, memory, time to the first byte of a
 * manifest during 64 pulls, and the time to open a large bundle. `npm run bench:serve -- MEBIBYTES` sets another layer size.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { formatBytes } from '../../src/internal/format.ts';
import { plannedImage } from '../../test/support/planned/items.ts';
import { sampleBundle } from '../../test/support/samples/sample-bundle.ts';
import { measure } from './measure.ts';
import { startNginx } from './nginx.ts';
import { writeSparseBundle } from './sparse-bundle.ts';

const MAIN = join(import.meta.dirname, '../../dist/main.js');
const PULLS = 64;
const ROUNDS = 5;
/** milliseconds */
const ASK_EVERY = 5;
const [mebibytes = 256] = process.argv.slice(2).map(Number);

const work = mkdtempSync(join(tmpdir(), 'saddlebag-bench-serve-'));
try {
  await bench();
} finally {
  rmSync(work, { recursive: true });
}

async function bench(): Promise<void> {
  await measure(process.execPath, [join(import.meta.dirname, '../build.ts')]);
  const image = plannedImage('docker.io/bench/large:v1', { layers: 1, layerBytes: mebibytes * 2 ** 20 });
  const [layer] = image.contents.toSorted((left, right) => right.bytes.length - left.bytes.length);
  if (layer === undefined) throw new Error('the image has no layer');
  writeFileSync(join(work, 'bench.tar'), sampleBundle([image]).tar);
  mkdirSync(join(work, 'www'));
  writeFileSync(join(work, 'www', 'layer'), layer.bytes);

  await using ours = await startOurs([join(work, 'bench.tar')]);
  const blob = `${ours.url}/v2/bench/large/blobs/${layer.descriptor.digest}`;
  // The first download also verifies the blob.
  report('first pull, verified', rate(layer.bytes.length, (await curl([blob])).seconds));
  const own = await fastest([blob]);
  await using nginx = await startNginx(join(work, 'www'), work);
  if (nginx === undefined) report('pull', rate(layer.bytes.length, own), 'nginx is not installed');
  else {
    const theirs = await fastest([`${nginx.url}/layer`]);
    const beside = `nginx ${rate(layer.bytes.length, theirs)}, ${(theirs / own).toFixed(2)} × (0.9 wanted)`;
    report('pull', rate(layer.bytes.length, own), beside);
  }

  const load = curl(Array.from({ length: PULLS }, () => blob));
  const firsts = await firstBytes(`${ours.url}/v2/bench/large/manifests/v1`, load);
  const total = layer.bytes.length * PULLS;
  const all = rate(total, (await load).seconds);
  report(`${PULLS} pulls at once`, all, `peak memory ${formatBytes(ours.peakMemory())} (200 MiB wanted)`);
  report(
    'first byte of a manifest',
    `${median(firsts).toFixed(2)} ms`,
    `median of ${firsts.length} meanwhile (5 ms wanted)`,
  );

  await writeSparseBundle(join(work, 'sparse.tar'), 20 * 2 ** 30);
  const started = performance.now();
  await using large = await startOurs([join(work, 'sparse.tar')]);
  await (await fetch(`${large.url}/v2/bench/sparse/manifests/v1`)).arrayBuffer();
  const seconds = (performance.now() - started) / 1000;
  report('open 20 GiB, first manifest', `${seconds.toFixed(2)} s`, 'process start included (1 s wanted)');
}

interface Ours extends AsyncDisposable {
  readonly url: string;
  peakMemory(): number;
}

/** Starts the shipped program. */
async function startOurs(bundles: readonly string[]): Promise<Ours> {
  const child = spawn(process.execPath, [MAIN, 'serve', ...bundles, '--listen', '127.0.0.1:0', '--quiet'], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let text = '';
  child.stderr.on('data', (chunk: Buffer) => (text += chunk.toString()));
  while (!/ at (\S+)\n/.test(text)) {
    if (child.exitCode !== null) throw new Error(`serve ended: ${text}`);
    await once(child.stderr, 'data');
  }
  return {
    url: / at (\S+)\n/.exec(text)?.[1] ?? '',
    peakMemory: () =>
      Number(/^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1]) * 1024,
    [Symbol.asyncDispose]: async () => {
      child.kill();
      if (child.exitCode === null) await once(child, 'exit');
    },
  };
}

/** Runs all downloads at once in one process that discards the data. */
async function curl(urls: readonly string[]): Promise<{ readonly seconds: number }> {
  const outputs = urls.flatMap((url) => ['-o', '/dev/null', url]);
  return await measure('curl', ['-s', '-f', '-Z', '--parallel-max', String(PULLS), ...outputs]);
}

async function fastest(urls: readonly string[]): Promise<number> {
  const seconds = [];
  for (let round = 0; round < ROUNDS; round++) seconds.push((await curl(urls)).seconds);
  return Math.min(...seconds);
}

/** Requests something small repeatedly until `load` ends; returns the times to first byte (milliseconds). */
async function firstBytes(url: string, load: Promise<unknown>): Promise<readonly number[]> {
  const over = new AbortController();
  const ended = load.finally(() => over.abort());
  const times: number[] = [];
  while (!over.signal.aborted) {
    const started = performance.now();
    await new Promise<void>((resolve, reject) => {
      get(url, { agent: false }, (response) => {
        times.push(performance.now() - started);
        response.resume().once('end', resolve);
      }).once('error', reject);
    });
    // Requests without a pause would themselves be a load.
    await pause(ASK_EVERY);
  }
  await ended;
  return times;
}

function median(values: readonly number[]): number {
  return values.toSorted((left, right) => left - right)[values.length >> 1] ?? Number.NaN;
}

function rate(bytes: number, seconds: number): string {
  return `${formatBytes(bytes / seconds)}/s`;
}

function report(what: string, result: string, note = ''): void {
  console.log(`${what.padEnd(28)} ${result.padStart(14)}  ${note}`.trimEnd());
}
