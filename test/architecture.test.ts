import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, sep } from 'node:path';
import { describe, expect, it } from 'vitest';
import { compareText } from '../src/internal/order.ts';
import { bagSpreads } from './support/house/bag-spreads.ts';
import { untoldCodes } from './support/house/untold-codes.ts';

/** Who may import whom, by room. */
const ARROWS: Readonly<Record<string, readonly string[]>> = {
  main: ['program'],
  program: ['cli', 'verbs', 'steps', 'version', 'internal'],
  version: ['internal'],
  // Of the rooms below the steps, types alone: those that a signature names.
  index: [
    'verbs',
    'steps',
    'spec',
    'sources',
    'targets',
    'serve',
    'page',
    'config',
    'kit',
    'bundle',
    'oci',
    'internal',
  ],
  cli: ['verbs', 'steps', 'bundle', 'targets', 'oci', 'internal'],
  verbs: [
    'steps',
    'spec',
    'sources',
    'targets',
    'serve',
    'config',
    'kit',
    'bundle',
    'parity',
    'saved',
    'registry',
    'archive',
    'disk',
    'oci',
    'internal',
  ],
  steps: [
    'version',
    'spec',
    'sources',
    'targets',
    'config',
    'kit',
    'page',
    'bundle',
    'registry',
    'products',
    'disk',
    'oci',
    'internal',
  ],
  spec: ['products', 'disk', 'oci', 'internal'],
  sources: ['spec', 'bundle', 'saved', 'engine', 'products', 'disk', 'oci', 'internal'],
  targets: ['bundle', 'engine', 'products', 'disk', 'oci', 'internal'],
  serve: ['bundle', 'kit', 'page', 'products', 'disk', 'oci', 'internal'],
  kit: ['products', 'archive', 'disk', 'oci', 'internal'],
  page: ['products', 'oci', 'internal'],
  config: ['oci', 'internal'],
  products: ['oci', 'internal'],
  bundle: ['parity', 'archive', 'disk', 'oci', 'internal'],
  parity: ['archive', 'disk', 'oci', 'internal'],
  saved: ['archive', 'disk', 'oci', 'internal'],
  engine: ['disk', 'oci', 'internal'],
  archive: ['disk', 'internal'],
  registry: ['oci', 'internal'],
  disk: ['oci', 'internal'],
  oci: ['internal'],
  internal: [],
};

/** How many files of a room other rooms import at most: a room has a face. These figures may only fall. */
const DOORS: Readonly<Record<string, number>> = {
  bundle: 34,
  targets: 18,
  spec: 18,
  archive: 14,
  steps: 17,
  saved: 3,
  engine: 5,
  sources: 7,
  registry: 6,
  serve: 4,
  cli: 3,
  page: 4,
  kit: 10,
  config: 3,
};

/** Rooms that compute and nothing else. */
const PURE = ['oci', 'products', 'page', 'config'];

const SRC = join(import.meta.dirname, '..', 'src');
const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));

describe('the house', () => {
  it('has no arrow that the plan does not draw', () => {
    const wrong = importsOf(files)
      .filter(({ from, to }) => roomOf(from) !== roomOf(to) && !ARROWS[roomOf(from)]?.includes(roomOf(to)))
      .map(({ from, to }) => `${from} imports ${to}`);
    expect(wrong).toEqual([]);
  });

  it('has few doors between rooms', () => {
    const inward = importsOf(files).filter(
      ({ from, to }) => roomOf(from) !== roomOf(to) && roomOf(from) !== 'index',
    );
    const doors = Map.groupBy(inward, ({ to }) => roomOf(to));
    const wide = Object.entries(DOORS)
      .map(([room, most]) => ({ room, most, found: new Set(doors.get(room)?.map(({ to }) => to)).size }))
      .filter(({ found, most }) => found > most);
    expect(wide).toEqual([]);
  });

  it('keeps the pure rooms pure: no files, no HTTP', () => {
    const impure = files
      .filter((file) => PURE.includes(roomOf(file)))
      .filter((file) => /from '(node:(fs|http|https|net|tls|child_process)|undici)/.test(read(file)));
    expect(impure).toEqual([]);
  });

  it('has no file with a name that says nothing', () => {
    expect(files.filter((file) => /(^|[\\/])(utils?|helpers?|common|misc)(\.ts|[\\/])/.test(file))).toEqual(
      [],
    );
  });

  it('hands fields on, and spreads no bag into another', () => {
    expect(bagSpreads(files.map((file) => ({ file: posixPath(file), text: read(file) })))).toEqual([]);
  });

  it('tells the codes that its functions throw, and none that nobody throws', () => {
    const sources = files.map((file) => ({ file: posixPath(file), text: read(file) }));
    expect(sources.flatMap(untoldCodes)).toEqual([]);
    const isTable = /internal\/error-code\.ts$/;
    const thrown = new Set(
      sources
        .filter(({ file }) => !isTable.test(file))
        .flatMap(({ text }) => [...text.matchAll(/'(ERR_[A-Z_]+)'/g)].map(([, code]) => code)),
    );
    const named = sources.flatMap(({ file, text }) =>
      [...text.matchAll(/@throws(?:(?!\*\/|@)[\s\S])*/g)].flatMap(([told]) =>
        [...told.matchAll(/\bERR_[A-Z_]+/g)].map(([code]) => ({ file, code })),
      ),
    );
    expect(named.filter(({ code }) => !thrown.has(code))).toEqual([]);
  });

  it('names a field that may be missing, and spreads no condition', () => {
    const spreading = files.filter((file) => /\.\.\.\((?:[^()]|\([^()]*\))*\?\s*\{/.test(read(file)));
    expect(spreading.map(posixPath)).toEqual([]);
  });

  it('holds at most 20 files a folder', () => {
    const counts = Map.groupBy(files, dirname);
    const crowded = [...counts].filter(([, inside]) => inside.length > 20).map(([folder]) => folder);
    expect(crowded).toEqual([]);
  });

  it('has no file over 400 lines, and half of them are under 90', () => {
    const lengths = files.map((file) => read(file).split('\n').length).sort((a, b) => a - b);
    expect(lengths.at(-1)).toBeLessThanOrEqual(400);
    expect(lengths[Math.floor(lengths.length / 2)]).toBeLessThan(90);
  });

  it.each([
    ['what loopback is', /127\(|127\\\.|'127\.'|\[::1|'::1'/, ['internal/host.ts']],
    ['how images may be called', /'strip',/, ['oci/naming.ts']],
    [
      'what an error of the system means',
      /'(?:permission denied|there is no such file|no space is left)'/,
      ['disk/errno.ts'],
    ],
    ['how the names of a folder are stored', /UNSYNCABLE/, ['disk/folder.ts']],
  ])('says in one place alone %s', (_, spelling, places) => {
    expect(files.filter((file) => spelling.test(read(file))).map(posixPath)).toEqual(places);
  });

  it('has content and names put on the disk by nobody but the disk room', () => {
    // A whole output, moved in its own order; and the file that is handed to `helm`, which goes again.
    const others = ['bundle/output/complete.ts', 'sources/charts/images/helm-template.ts'];
    const writing = files
      .filter((file) => roomOf(file) !== 'disk')
      .filter((file) => /\b(?:writeFile|appendFile|copyFile|rename)\b.* from 'node:fs/.test(read(file)));
    expect(writing.map(posixPath)).toEqual(others);
  });

  it('asks neither the clock nor chance nor the locale where the bytes of a bundle are made', () => {
    const rooms = ['spec', 'sources', 'oci', 'products', 'bundle', 'archive'];
    const asking = files
      .filter((file) => rooms.includes(roomOf(file)))
      .filter((file) => /\bDate\b|Math\.random|randomUUID|localeCompare|toLocale/.test(read(file)));
    expect(asking).toEqual([]);
  });
});

function importsOf(all: readonly string[]): { from: string; to: string }[] {
  return all.flatMap((from) =>
    [...read(from).matchAll(/(?:from|import\()\s*'(\.[^']+)'/g)].map(([, path]) => ({
      from,
      to: normalize(join(dirname(from), path ?? '')),
    })),
  );
}

function posixPath(file: string): string {
  return file.split(sep).join('/');
}

function roomOf(file: string): string {
  return (file.split(sep)[0] ?? '').replace(/\.ts$/, '');
}

function read(file: string): string {
  return readFileSync(join(SRC, file), 'utf8');
}

describe('the dependencies', () => {
  const decisions = readFileSync(join(SRC, '..', 'docs', 'decisions.md'), 'utf8');
  const lines = [...decisions.matchAll(/^\* \*\*([a-z0-9@/-]+)\*\* /gm)].map(([, name = '']) => name);
  const imported = new Set(
    files.flatMap((file) =>
      [...read(file).matchAll(/(?:from|import\()\s*'([a-z@][^':]*)'/g)].map(([, name = '']) => name),
    ),
  );

  it('each have a line that says what they decide and why they stay', () => {
    expect(lines.toSorted(compareText)).toEqual([...imported].toSorted(compareText));
  });
});
