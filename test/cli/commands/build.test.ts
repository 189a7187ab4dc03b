import { describe, expect, it } from 'vitest';
import type { BuildWish, BuildResult } from '../../../src/verbs/build.ts';
import { digestOf } from '../../../src/oci/digest.ts';
import { type Library, runInMemory } from '../../support/process/cli.ts';

const ROOT = digestOf('root');
const BUILT: BuildResult = {
  root: ROOT,
  path: 'lab.tar',
  paths: ['lab.tar'],
  bytes: 3_000_000,
  items: 2,
  blobs: 5,
  fetchedBytes: 2_000_000,
  reusedBytes: 1_000_000,
  seconds: 65,
  findings: [{ level: 'warning', message: 'there is a catch' }],
};

describe('bundle build', () => {
  it('hands every option on', async () => {
    let seen: Parameters<Library['buildBundle']> | undefined;
    const build: Library['buildBundle'] = async (...given) => {
      seen = given;
      return BUILT;
    };
    const argv = [
      'build',
      'lab.yaml',
      '-o',
      'lab.tar',
      '--concurrency',
      '3',
      '--registries',
      'r.yaml',
      '--sign-key',
      'lab.key',
      '--created',
      '2026-08-20T14:05:00Z',
      '--dry-run',
    ];
    await runInMemory(argv, { verbs: { buildBundle: build }, env: { A: 'b' } });
    expect(seen?.[0]).toMatchObject({
      specPath: 'lab.yaml',
      out: 'lab.tar',
      concurrency: 3,
      registriesFile: 'r.yaml',
      signKey: 'lab.key',
      created: '2026-08-20T14:05:00Z',
      dryRun: true,
    });
    expect(seen?.[1]).toMatchObject({ env: { A: 'b' }, home: '/home/user' });
    expect(seen?.[2]?.signal).toBeInstanceOf(AbortSignal);
  });

  it('tells which key has signed it', async () => {
    const signer = digestOf('key');
    const verbs = { buildBundle: async () => ({ ...BUILT, signer }) };
    const { stdout } = await runInMemory(['build', 'lab.yaml', '-o', 'lab.tar'], { verbs });
    expect(stdout).toContain(`  signed by  ${signer}\n`);
  });

  it('hands on what to reuse, what to leave out and what alone to build, and tells of what was left out', async () => {
    let seen: BuildWish | undefined;
    const leftOut = { root: ROOT, name: 'lab', blobs: 3, bytes: 4096 };
    const build: Library['buildBundle'] = async (options) => {
      seen = options;
      return { ...BUILT, requires: [leftOut, { ...leftOut, name: 'lab-september' }] };
    };
    const argv = [
      'build',
      'a',
      '-o',
      'b',
      '--reuse',
      '1.tar',
      '--reuse',
      '2.tar',
      '--since',
      'r.json',
      '--since',
      's.tar',
      '--only',
      'm',
    ];
    const { stdout } = await runInMemory(argv, { verbs: { buildBundle: build } });
    expect(seen).toMatchObject({ reuse: ['1.tar', '2.tar'], since: ['r.json', 's.tar'], only: 'm' });
    expect(stdout).toMatch(
      /left out +3 blobs, 4\.0 KiB, which lab brought\n +3 blobs, 4\.0 KiB, which lab-september brought\n/,
    );
  });

  it('prints what was built on stdout, its root digest last', async () => {
    const build: Library['buildBundle'] = async (_wish, _surroundings, ears) => {
      for (const finding of BUILT.findings) ears?.onFinding?.(finding);
      return BUILT;
    };
    const { status, stdout, stderr } = await runInMemory(['build', 'lab.yaml', '-o', 'lab.tar'], {
      verbs: { buildBundle: build },
    });
    expect(status).toBe(0);
    expect(stdout).toBe(
      [
        'Built lab.tar',
        '  holds     2 items in 5 blobs, 2.9 MiB',
        '  fetched   1.9 MiB in 1 min 05 s',
        '  reused    976.6 KiB',
        '  warnings  1',
        `root ${ROOT}`,
        '',
      ].join('\n'),
    );
    expect(stderr).toBe(
      [
        'Resolving lab.yaml',
        'warning: there is a catch',
        'next: carry lab.tar across; over there: bundle verify lab.tar',
        'then: install it: bundle install lab.tar',
        '',
      ].join('\n'),
    );
  });

  it('prints one JSON document and nothing else with --json', async () => {
    const build: Library['buildBundle'] = async (_wish, _surroundings, ears) => {
      ears?.onProgress?.({
        phase: 'fetch',
        fetchedBytes: 1,
        reusedBytes: 0,
        totalBytes: 2,
        doneBlobs: 0,
        totalBlobs: 1,
        underWay: [],
      });
      return BUILT;
    };
    const { stdout } = await runInMemory(['build', 'lab.yaml', '-o', 'lab.tar', '--json'], {
      verbs: { buildBundle: build },
    });
    expect(JSON.parse(stdout)).toEqual(BUILT);
  });

  it('says nothing but warnings on stderr with --quiet', async () => {
    const build: Library['buildBundle'] = async (_wish, _surroundings, ears) => {
      ears?.onFinding?.({ level: 'warning', message: 'mind this', hint: 'do that' });
      ears?.onFinding?.({ level: 'ok', message: 'fine' });
      ears?.onProgress?.({
        phase: 'fetch',
        fetchedBytes: 1,
        reusedBytes: 0,
        totalBytes: 2,
        doneBlobs: 0,
        totalBlobs: 1,
        underWay: [],
      });
      return BUILT;
    };
    const { stderr } = await runInMemory(['build', 'a', '-o', 'b', '--quiet'], {
      verbs: { buildBundle: build },
    });
    expect(stderr).toBe('warning: mind this\nhint: do that\n');
  });

  it('shows the plan of a dry run, with the space needed and free', async () => {
    const dryRun = {
      items: [
        { kind: 'image', name: 'docker.io/rancher/rancher:v2.9.2' },
        { kind: 'k3s', name: 'v1.30.6+k3s1' },
      ],
      fetchBytes: 2_000_000,
      space: { needed: 3_000_000, free: 1_000_000 },
    };
    const build: Library['buildBundle'] = async () => ({ ...BUILT, dryRun });
    const { stdout } = await runInMemory(['build', 'a', '-o', 'lab.tar', '--dry-run'], {
      verbs: { buildBundle: build },
    });
    expect(stdout).toMatch(/^Would build lab\.tar\n/);
    expect(stdout).toMatch(/image +docker\.io\/rancher\/rancher:v2\.9\.2/);
    expect(stdout).toMatch(/to fetch +1\.9 MiB/);
    expect(stdout).toMatch(/space needed +2\.9 MiB/);
    expect(stdout).toMatch(/space free +976\.6 KiB \(not enough\)/);
    const unknown: Library['buildBundle'] = async () => ({
      ...BUILT,
      dryRun: { ...dryRun, space: { needed: 1 } },
    });
    const other = await runInMemory(['build', 'a', '-o', 'lab.tar', '--dry-run'], {
      verbs: { buildBundle: unknown },
    });
    expect(other.stdout).toMatch(/space free +not known\n/);
  });
});
