/**
 * Measures the disk use of every verb in every shape: the peak, and the bytes written beyond the result. `npm run
 * bench:shapes` uses 8 layers of 192 MiB; `npm run bench:shapes -- MEBIBYTES` sets another layer size.
 */
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { availableParallelism, cpus, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { formatBytes } from '../../src/internal/format.ts';
import { startRegistry } from '../../test/support/registry/registry.ts';
import { incompressibleBytes } from '../../test/support/samples/sample-image.ts';
import { type Corpus, fillCorpus } from './corpus.ts';
import { type Footprint, measureFootprint } from './footprint.ts';
import { allocatedBytes } from './measure.ts';
import { buildShipped } from './shipped.ts';

const [mebibytes = 16] = process.argv.slice(2).map(Number);
const LAYER = mebibytes * 2 ** 20;

interface BenchShape {
  readonly name: string;
  readonly file: string;
  /** The input of the verbs that read a bundle. */
  readonly opened: string;
  readonly args: readonly string[];
}

const CUT = ['--volume-size', String(Math.ceil(2.5 * LAYER))];
const SHAPES: readonly BenchShape[] = [
  { name: 'tar', file: 'lab.tar', opened: 'lab.tar', args: [] },
  { name: 'zip', file: 'lab.zip', opened: 'lab.zip', args: [] },
  { name: 'directory', file: 'lab', opened: 'lab', args: [] },
  { name: 'tar in volumes', file: 'lab.tar', opened: 'lab.tar.001', args: CUT },
  { name: 'zip in volumes', file: 'lab.zip', opened: 'lab.zip.001', args: CUT },
];

const work = mkdtempSync(join(tmpdir(), 'saddlebag-bench-shapes-'));
// The program writes only below this folder: its output, its home and its temporary files. Nothing else is in it.
const watch = join(work, 'watched');
const home = join(watch, 'home');
const env = {
  HOME: home,
  TMPDIR: join(watch, 'tmp'),
  XDG_CACHE_HOME: join(home, 'cache'),
  XDG_CONFIG_HOME: join(home, 'config'),
  XDG_STATE_HOME: join(home, 'state'),
};
let main = '';
try {
  main = await buildShipped(work);
  await bench();
} finally {
  rmSync(work, { recursive: true });
}

async function bench(): Promise<void> {
  await using source = await startRegistry({ folder: join(work, 'source') });
  const corpus = await fillCorpus(source, { images: 2, layerBytes: LAYER });
  await using site = await startSite(incompressibleBytes('file', 4 * LAYER));
  const spec = join(work, 'lab.yaml');
  const images = corpus.references.map((name) => `  - ${name}\n`).join('');
  writeFileSync(spec, `bundle: 1\nname: lab\nimages:\n${images}files:\n  - url: ${site.url}/file.bin\n`);
  emptied();
  await run(['lock', spec]);

  console.log(
    `${cpus()[0]?.model ?? 'unknown processor'}, ${availableParallelism()} cores, ${formatBytes(totalmem())}; Node ${process.version}`,
  );
  console.log(
    `corpus: ${formatBytes(corpus.bytes + 4 * LAYER)}, volumes of ${formatBytes(Math.ceil(2.5 * LAYER))}\n`,
  );
  console.log('| shape | verb | stays | peak | temporary at peak | written beyond what stays |');
  console.log('|---|---|---|---|---|---|');
  for (const shape of SHAPES) await benchShape(shape, { corpus, spec });
}

async function benchShape(
  { name, file, opened, args }: BenchShape,
  { corpus, spec }: { readonly corpus: Corpus; readonly spec: string },
): Promise<void> {
  const kept = join(work, 'kept');
  rmSync(kept, { recursive: true, force: true });
  mkdirSync(kept);
  const input = join(kept, opened);
  // The other verbs read a copy outside the watched folder, so everything they write is measured.
  const built = await run(['build', spec, '--locked', '-o', join(emptied(), file), ...args]);
  await run(['build', spec, '--locked', '-o', join(kept, file), ...args]);
  const size = allocatedBytes(kept);
  const report = (verb: string, cost: Footprint): void => console.log(rowText([name, verb], cost, size));
  report('build', built);
  for (const verb of ['verify', 'inspect']) {
    emptied();
    report(verb, await run([verb, input]));
  }

  // A push goes to another process, so it does not count towards this one's files.
  await using target = await startRegistry({ folder: join(work, `target-${name}`) });
  const files = emptied();
  report('install', await run(['install', input, '--registry', target.host, '--files', files]));

  const other = file === 'lab.tar' && args.length === 0 ? join(work, 'lab') : join(work, 'lab.tar');
  emptied();
  await run(['convert', input, other]);
  report('convert', await run(['convert', other, join(emptied(), file), ...args]));
  rmSync(other, { recursive: true });
  rmSync(`${other}.sha256`, { force: true });

  emptied();
  report(
    'serve',
    await run(['serve', input, '--listen', '127.0.0.1:0'], async (line) => {
      const url = await line(/ at (http\S+)\n/);
      await read(`${url}/v2/bench/image-1/blobs/${layerOf(corpus)}`);
    }),
  );
}

/** The digest of a layer of the second image. */
function layerOf({ blobs }: Corpus): string {
  const layers = blobs.filter(({ repository }) => repository === 'bench/image-1');
  return layers.at(-1)?.digest ?? '';
}

async function read(url: string): Promise<void> {
  const response = await fetch(url);
  const { byteLength } = await response.arrayBuffer();
  if (!response.ok || byteLength < LAYER)
    throw new Error(`${url} answered ${response.status}, ${byteLength} bytes`);
}

async function run(
  args: readonly string[],
  during?: (line: (pattern: RegExp) => Promise<string>) => Promise<void>,
): Promise<Footprint> {
  const argv = [process.execPath, main, ...args, '--quiet'];
  return await measureFootprint(argv, { watch, env, ...(during === undefined ? {} : { during }) });
}

function rowText(names: readonly string[], { stays, peak, written }: Footprint, size: number): string {
  const times = (bytes: number): string => `${(bytes / size).toFixed(3)} ×`;
  const cells = [times(stays), times(peak), amount(peak - stays), amount(written - stays)];
  return `| ${[...names, ...cells].join(' | ')} |`;
}

function amount(bytes: number): string {
  return bytes === 0 ? '0' : `${bytes < 0 ? '−' : ''}${formatBytes(Math.abs(bytes))}`;
}

/** Empties everything that is watched and returns the output folder. */
function emptied(): string {
  rmSync(watch, { recursive: true, force: true });
  const out = join(watch, 'out');
  for (const folder of [out, home, env.TMPDIR]) mkdirSync(folder, { recursive: true });
  return out;
}

/** Answers every request with the same bytes. */
async function startSite(bytes: Uint8Array): Promise<AsyncDisposable & { readonly url: string }> {
  const server = createServer((_, response) =>
    response.writeHead(200, { 'content-length': bytes.length }).end(bytes),
  );
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return {
    url: `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
