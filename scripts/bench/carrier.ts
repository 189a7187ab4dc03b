/**
 * Measures an install of files from a registry beside the same from a file, and counts what goes over the wire: by a push, by the
 * push of the next bundle with a tenth of new content, and by the installs. `npm run bench:carrier -- MIB` sets another size.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { formatBytes } from '../../src/internal/format.ts';
import { plannedFile } from '../../test/support/planned/items.ts';
import { type InProcessRegistry, startRegistry } from '../../test/support/registry/registry.ts';
import { startDockerRegistry } from '../../test/support/registry/docker-registry.ts';
import { peer } from '../../test/support/peers/peers.ts';
import { sampleBundle } from '../../test/support/samples/sample-bundle.ts';
import { incompressibleBytes } from '../../test/support/samples/sample-image.ts';
import { measure } from './measure.ts';

const MAIN = join(import.meta.dirname, '../../dist/main.js');
const FILES = 20;
const ROUNDS = 3;
/** An install from a registry may take so many times as long as from a file. */
const WANTED = 1.2;
const [mebibytes = 256] = process.argv.slice(2).map(Number);

const work = mkdtempSync(join(tmpdir(), 'saddlebag-bench-carrier-'));
const at = (name: string): string => join(work, name);
try {
  await bench();
} finally {
  rmSync(work, { recursive: true });
}

async function bench(): Promise<void> {
  await measure(process.execPath, [join(import.meta.dirname, '../build.ts')]);
  writeBundle('lab.tar', 0);
  writeBundle('next.tar', FILES / 10);
  await using counted = await startRegistry({ folder: at('counted') });
  await bundle('push', at('lab.tar'), `${counted.host}/bundles/lab:1`);
  report('pushed', sentTo(counted));
  await bundle('push', at('next.tar'), `${counted.host}/bundles/lab:2`);
  report('pushed of the next, a tenth of it new', sentTo(counted));
  await bundle('install', `oci://${counted.host}/bundles/lab:1`, '--files', at('counted-out'));
  report('read by an install of all', readFrom(counted));

  const program = peer('docker-registry');
  if (program === undefined) return;
  await using registry = await startDockerRegistry({ program });
  await bundle('push', at('lab.tar'), `${registry.host}/bundles/lab:1`);
  const file = await fastest(at('lab.tar'));
  const carried = await fastest(`oci://${registry.host}/bundles/lab:1`);
  report('install from a file', `${file.toFixed(2)} s, the fastest of ${ROUNDS}`);
  report('install from docker-registry', `${carried.toFixed(2)} s, the fastest of ${ROUNDS}`);
  report('ratio', `${(carried / file).toFixed(2)} (at most ${WANTED} wanted)`);
}

/** Writes a bundle of which the first files differ from those of the other. */
function writeBundle(name: string, changed: number): void {
  const size = Math.round((mebibytes * 1024 * 1024) / FILES);
  const files = Array.from({ length: FILES }, (_, each) =>
    plannedFile(`file-${each}`, incompressibleBytes(`${each < changed ? name : 'lab.tar'}-${each}`, size)),
  );
  writeFileSync(at(name), sampleBundle(files).tar);
}

async function fastest(path: string): Promise<number> {
  const seconds: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const out = at(`out-${seconds.length}-${path.length}`);
    seconds.push((await bundle('install', path, '--files', out)).seconds);
    rmSync(out, { recursive: true });
  }
  return Math.min(...seconds);
}

async function bundle(...words: readonly string[]): ReturnType<typeof measure> {
  const env = { ...process.env, HOME: at('home'), SADDLEBAG_TRUSTED_KEY: '' };
  return await measure(process.execPath, [MAIN, ...words, '--quiet'], { env });
}

function sentTo(registry: InProcessRegistry): string {
  const { entries } = registry.log;
  const bytes = entries.reduce((sum, { bytesReceived }) => sum + bytesReceived, 0);
  registry.log.clear();
  return formatBytes(bytes);
}

function readFrom(registry: InProcessRegistry): string {
  const { entries } = registry.log;
  const bytes = entries.reduce((sum, { bytesSent }) => sum + bytesSent, 0);
  registry.log.clear();
  return formatBytes(bytes);
}

function report(what: string, value: string): void {
  process.stdout.write(`${what.padEnd(44)}${value}\n`);
}
