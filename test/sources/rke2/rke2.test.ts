import { describe, expect, it } from 'vitest';
import { rke2 } from '../../../src/sources/rke2/source.ts';
import type { Found } from '../../../src/sources/source.ts';
import { plannedFiles } from '../../support/planned/layers.ts';
import { type SourceBench, type SourceBenchOptions, startBench } from '../../support/sites/source-context.ts';
import { hintsOf, problemsOf, thrownBy } from '../../support/thrown.ts';

const TAG = 'v1.31.2+rke2r1';

interface Wish {
  readonly versions?: readonly string[];
  readonly architectures?: readonly string[];
  readonly images?: unknown;
  readonly windows?: readonly string[];
  readonly method?: string;
}

async function resolve(bench: SourceBench, wish: Wish = {}): Promise<Found> {
  const part = { versions: [TAG], architectures: ['amd64'], ...wish };
  const files = { pathOf: (path: string) => path, placeOf: () => 'lab.yaml:1:1' };
  const loaded = await rke2.load({ rke2: part }, files);
  return await loaded.resolve([], bench.context);
}

async function namesOf(wish: Wish, options: SourceBenchOptions = {}): Promise<readonly string[]> {
  await using bench = await startBench(options);
  const { items } = await resolve(bench, wish);
  return items.flatMap((item) => plannedFiles(item).map(({ name }) => name));
}

describe('the source of RKE2', () => {
  it('brings what a node needs: tarball, core and canal images with their lists, sums and script', async () => {
    expect(await namesOf({})).toEqual([
      'install.sh',
      'rke2-images-canal.linux-amd64.tar.zst',
      'rke2-images-canal.linux-amd64.txt',
      'rke2-images-core.linux-amd64.tar.zst',
      'rke2-images-core.linux-amd64.txt',
      'rke2.linux-amd64.tar.gz',
      'sha256sum-amd64.txt',
    ]);
  });

  it.each([
    [{ images: ['core', 'cilium'] }, ['cilium', 'core']],
    [{ images: 'all' }, ['canal', 'cilium', 'core']],
    [{ images: [] }, []],
  ])('brings of the images what %j asks for', async (wish, parts) => {
    const archives = (await namesOf(wish)).filter((name) => name.endsWith('.tar.zst'));
    expect(archives).toEqual(parts.map((part) => `rke2-images-${part}.linux-amd64.tar.zst`));
  });

  it('describes the item: one for a release, with its architectures and builds of Windows', async () => {
    await using bench = await startBench();
    const { items } = await resolve(bench, {
      architectures: ['aarch64', 'amd64'],
      windows: ['ltsc2022', '1809'],
    });
    expect(items.map(({ item }) => item)).toMatchObject([
      {
        kind: 'rke2',
        name: TAG,
        audience: ['rke2-node'],
        architectures: ['amd64', 'arm64'],
        windows: ['1809', 'ltsc2022'],
      },
    ]);
  });

  it.each([
    ['stable', TAG],
    ['1.30.6', 'v1.30.6+rke2r1'],
    ['v1.30', 'v1.30.6+rke2r1'],
  ])('knows what %s means', async (word, tag) => {
    await using bench = await startBench();
    const { items } = await resolve(bench, { versions: [word] });
    expect(items.map(({ item }) => item.name)).toEqual([tag]);
  });

  it.each([
    [{ versions: ['1.31.9'] }, 'Cannot find RKE2 version "1.31.9"', 'The nearest is "v1.31.2+rke2r1".'],
    [{ versions: ['stabel'] }, 'Cannot find RKE2 version "stabel"', 'The nearest is "stable".'],
    [
      { versions: ['v1.31.2+k3s1'] },
      'Cannot find RKE2 version "v1.31.2+k3s1"',
      'The nearest is "v1.31.2+rke2r1".',
    ],
    [
      { versions: ['v1.30.6+rke2r1'], architectures: ['arm64'] },
      '404',
      'No build of 1.30.6 is complete for arm64: choose another version.',
    ],
    [
      { images: ['core', 'flannel'] },
      'Cannot find part "flannel" of the images of RKE2 v1.31.2+rke2r1 for amd64',
      'It has: canal, cilium, core.',
    ],
  ])('tells of %j what is not there, and what is', async (wish, message, hint) => {
    await using bench = await startBench();
    expect((await problemsOf(resolve(bench, wish))).join('\n')).toContain(message);
    expect(await hintsOf(resolve(bench, wish))).toContain(hint);
  });

  it.each([
    [{ images: ['all'] }],
    [{ images: 'some' }],
    [{ images: ['../core'] }],
    [{ method: 'rpm' }],
    [{ windows: ['2022'] }],
    [{ architectures: ['arm'] }],
    [{ versions: [] }],
  ])('refuses in a spec %j', async (wish) => {
    const part = { versions: [TAG], architectures: ['amd64'], ...wish };
    const schema = rke2.keys['rke2'];
    expect(schema?.safeParse(part).success).toBe(false);
    expect(schema?.safeParse({ versions: [TAG], architectures: ['amd64'], method: 'tar' }).success).toBe(
      true,
    );
  });

  it('stops at a file that is not what the sums of its release say', async () => {
    await using bench = await startBench();
    bench.upstream.faults.add({
      path: /sha256sum-amd64/,
      answer: { withoutLine: 'rke2.linux-amd64.tar.gz' },
    });
    expect((await problemsOf(resolve(bench))).join('\n')).toContain('ERR_CHECKSUM_MISSING');
  });
});

describe('what Windows agents need', () => {
  const WINDOWS = [
    'install.ps1',
    'rke2-windows-ltsc2022-amd64-images.tar.zst',
    'rke2.windows-amd64.tar.gz',
    'sha256sum-amd64.txt',
  ];

  it('comes when a build of Windows is named', async () => {
    const names = await namesOf({ architectures: ['arm64'], windows: ['ltsc2022'] });
    expect(names).toEqual(expect.arrayContaining(WINDOWS));
    expect(names).not.toContain('rke2.linux-amd64.tar.gz');
  });

  it.each([
    ['digest', 0],
    ['null', 1],
  ] as const)(
    'comes from releases that make it after their sums, with a digest of GitHub or none: %s',
    async (late, warnings) => {
      await using bench = await startBench({ rke2: [{ tag: TAG, windowsLate: late }] });
      const { items } = await resolve(bench, { windows: ['ltsc2022'] });
      const names = items.flatMap((item) => plannedFiles(item).map(({ name }) => name));
      expect(names).toEqual(expect.arrayContaining(WINDOWS));
      expect(bench.warnings).toHaveLength(warnings);
    },
  );

  it('is refused when the release has no such build', async () => {
    await using bench = await startBench({ rke2: [{ tag: TAG, windows: ['1809'] }] });
    expect((await thrownBy(resolve(bench, { windows: ['2025'] }))).code).toBe('ERR_RESOLVE_FAILED');
  });
});
