import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, sep } from 'node:path';
import { describe, expect, it } from 'vitest';

/** Who may import whom, by room; the verbs are the files right under `src/`. */
const ARROWS: Readonly<Record<string, readonly string[]>> = {
  main: ['cli', 'bundle', 'internal'],
  cli: ['verbs', 'bundle', 'targets', 'oci', 'internal'],
  verbs: [
    'spec',
    'sources',
    'bundle',
    'archive',
    'targets',
    'registry',
    'config',
    'serve',
    'oci',
    'internal',
  ],
  config: ['oci', 'internal'],
  spec: ['oci', 'internal'],
  sources: ['spec', 'bundle', 'oci', 'internal'],
  targets: ['bundle', 'oci', 'internal'],
  serve: ['bundle', 'oci', 'internal'],
  bundle: ['archive', 'oci', 'internal'],
  archive: ['internal'],
  registry: ['oci', 'internal'],
  oci: ['internal'],
  internal: [],
};

const SRC = join(import.meta.dirname, '..', 'src');
const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));

describe('the house', () => {
  it('has no arrow that the plan does not draw', () => {
    const wrong = importsOf(files)
      .filter(({ from, to }) => roomOf(from) !== roomOf(to) && !ARROWS[roomOf(from)]?.includes(roomOf(to)))
      .map(({ from, to }) => `${from} imports ${to}`);
    expect(wrong).toEqual([]);
  });

  it('keeps oci pure: no files, no HTTP', () => {
    const impure = files
      .filter((file) => roomOf(file) === 'oci')
      .filter((file) => /from '(node:(fs|http|https|net|tls|child_process)|undici)/.test(read(file)));
    expect(impure).toEqual([]);
  });

  it('has no file with a name that says nothing', () => {
    expect(files.filter((file) => /(^|[\\/])(utils?|helpers?|common|misc)(\.ts|[\\/])/.test(file))).toEqual(
      [],
    );
  });

  it('has no file over 400 lines, and half of them are under 90', () => {
    const lengths = files.map((file) => read(file).split('\n').length).sort((a, b) => a - b);
    expect(lengths.at(-1)).toBeLessThanOrEqual(400);
    expect(lengths[Math.floor(lengths.length / 2)]).toBeLessThan(90);
  });

  it('asks neither the clock nor chance nor the locale where the bytes of a bundle are made', () => {
    const rooms = ['spec', 'sources', 'oci', 'bundle', 'archive'];
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

function roomOf(file: string): string {
  const [first = '', ...rest] = file.split(sep);
  if (rest.length > 0) return first;
  return first === 'main.ts' ? 'main' : 'verbs';
}

function read(file: string): string {
  return readFileSync(join(SRC, file), 'utf8');
}
