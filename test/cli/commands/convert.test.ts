import { describe, expect, it } from 'vitest';
import type { ConvertResult, TreeResult } from '../../../src/verbs/convert.ts';
import { digestOf } from '../../../src/oci/digest.ts';
import { type Library, runInMemory } from '../../support/process/cli.ts';

const ROOT = digestOf('root');
const CONVERTED: ConvertResult = {
  root: ROOT,
  path: 'lab.zip.001',
  paths: ['lab.zip.001', 'lab.zip.002', 'lab.zip.003'],
  signed: false,
  signature: 'none',
  form: 'zip',
  bytes: 3_000_000,
  items: 2,
  blobs: 5,
  fetchedBytes: 2_000_000,
  reusedBytes: 0,
  seconds: 65,
};

describe('bundle convert', () => {
  it('hands every option on', async () => {
    const seen: Parameters<Library['convertBundle']>[] = [];
    const convert: Library['convertBundle'] = async (...given) => {
      seen.push(given);
      return CONVERTED;
    };
    const argv = ['convert', 'lab.tar', 'out', '--format', 'zip', '--volume-size', '4095MiB'];
    argv.push('--kit=linux/amd64', '--ca-file', 'ca.crt');
    const { status } = await runInMemory(argv, { verbs: { convertBundle: convert }, env: { A: 'b' } });
    expect(status).toBe(0);
    expect(seen).toMatchObject([
      [
        {
          path: 'lab.tar',
          out: 'out',
          form: 'zip',
          volumeSize: 4095 * 1024 ** 2,
          kit: { platforms: ['linux/amd64'], caFile: 'ca.crt' },
        },
        { env: { A: 'b' }, home: '/home/user' },
        { signal: expect.any(AbortSignal) },
      ],
    ]);
  });

  it('prints what came to be, its root digest last', async () => {
    const convert: Library['convertBundle'] = async (_wish, _surroundings, ears) => {
      ears?.onFinding?.({ level: 'warning', message: 'there is a catch' });
      return CONVERTED;
    };
    const { stdout, stderr } = await runInMemory(['convert', 'lab.tar', 'lab.zip'], {
      verbs: { convertBundle: convert },
    });
    expect(stdout).toBe(
      [
        'Converted to lab.zip.001',
        '  form   zip',
        '  holds  2 items in 5 blobs, 2.9 MiB',
        '  took   1 min 05 s',
        `root ${ROOT}`,
        '',
      ].join('\n'),
    );
    expect(stderr).toBe(
      [
        'Converting lab.tar',
        'warning: there is a catch',
        'next: carry lab.zip.001, lab.zip.002 and lab.zip.003 across; over there: bundle verify lab.zip.001',
        'then: install it: bundle install lab.zip.001',
        '',
      ].join('\n'),
    );
  });

  it('prints one JSON document with --json, and progress elsewhere', async () => {
    const convert: Library['convertBundle'] = async (_wish, _surroundings, ears) => {
      ears?.onProgress?.({
        phase: 'convert',
        fetchedBytes: 1,
        reusedBytes: 0,
        totalBytes: 2,
        doneBlobs: 0,
        totalBlobs: 1,
        underWay: [],
      });
      return CONVERTED;
    };
    const argv = ['convert', 'lab.tar', 'lab.zip', '--json'];
    const { stdout, stderr } = await runInMemory(argv, { verbs: { convertBundle: convert } });
    expect(JSON.parse(stdout)).toEqual(CONVERTED);
    expect(stderr).toMatch(/^Converting /);
  });

  it.each([
    [['convert', 'lab.tar'], 'OUT is missing'],
    [['convert', 'lab.tar', 'out', '-o', 'out'], 'OUT is given twice'],
    [['convert', 'lab.tar', 'out', '--to', 'oci'], 'expected oc-mirror-dir'],
    [['convert', 'lab.tar', 'out', '--to', 'oc-mirror-dir', '--format', 'zip'], 'Cannot use --format'],
    [
      ['convert', 'lab.tar', 'out', '--to', 'oc-mirror-dir', '--volume-size', '1GiB'],
      'Cannot use --volume-size',
    ],
    [['convert', 'lab.tar', 'out', '--to', 'oc-mirror-dir', '--kit'], 'Cannot use --kit'],
    [['convert', 'lab.tar', 'out', '--format', 'rar'], 'expected tar, zip, dir'],
    [['convert', 'lab.tar', 'out', 'more'], 'there is no place for the argument'],
  ])('refuses %j', async (argv, fact) => {
    const { status, stderr } = await runInMemory(argv);
    expect(status).toBe(2);
    expect(stderr).toContain(fact);
  });
});

describe('bundle convert --to oc-mirror-dir', () => {
  const digest = digestOf('image');
  const repositories = [
    { name: 'openshift/release', tags: ['4.20.3', '4.20.3-cli'], untagged: [], lists: true },
    { name: 'quay.io/lab/tool', tags: ['1'], untagged: [digest], lists: false },
  ];
  const TREE: TreeResult = { ...CONVERTED, form: 'oc-mirror-dir', path: 'm', paths: ['m'], repositories };
  const run = async (tree: TreeResult): ReturnType<typeof runInMemory> =>
    await runInMemory(['convert', 'lab.tar', '-o', 'm', '--to', 'oc-mirror-dir'], {
      verbs: { convertToTree: async () => tree },
    });

  it('ends with the commands of oc that mirror each repository', async () => {
    const { stdout, stderr, status } = await run(TREE);
    expect(status).toBe(0);
    expect(stdout).toContain('  holds  2 images in 2 repositories, 5 blobs, 2.9 MiB\n');
    const lines = stderr.split('\n').slice(1);
    // A first part with a dot is a host to oc, which it drops.
    expect(lines.map((line) => line.replace(/^.*: (?=oc )/, ''))).toEqual([
      'oc image mirror --from-dir=m --keep-manifest-list=true "file://openshift/release:*" REGISTRY/openshift/release',
      'oc image mirror --from-dir=m "file://localhost/quay.io/lab/tool:*" REGISTRY/quay.io/lab/tool',
      `oc image mirror --from-dir=m file://localhost/quay.io/lab/tool@${digest} REGISTRY/quay.io/lab/tool`,
      '',
    ]);
  });

  it('prints eight commands, and says how many there are more', async () => {
    const many = Array.from({ length: 10 }, (_, at) => ({
      name: `a${at}`,
      tags: ['1'],
      untagged: [],
      lists: false,
    }));
    const { stderr } = await run({ ...TREE, repositories: many });
    expect(stderr.match(/oc image mirror/g)).toHaveLength(8);
    expect(stderr).toContain('and 2 more commands like these; --json lists every repository\n');
  });
});
