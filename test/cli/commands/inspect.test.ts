import { describe, expect, it } from 'vitest';
import type { InspectResult } from '../../../src/verbs/inspect.ts';
import { digestOf } from '../../../src/oci/digest.ts';
import { type Library, runInMemory } from '../../support/process/cli.ts';

const ROOT = digestOf('root');

describe('bundle inspect', () => {
  const item = (kind: string, name: string, bytes: number): InspectResult['items'][number] => {
    return { kind, name, digest: ROOT, audience: ['files'], bytes, sharedBytes: 2 };
  };
  const SEVERAL: InspectResult = {
    root: ROOT,
    signed: false,
    signature: 'none',
    signatureRequired: false,
    name: 'lab',
    path: 'lab.tar',
    form: 'tar',
    items: [
      item('file', 'b', 10),
      item('file', 'a', 3000),
      item('image', 'small:1', 2000),
      item('image', 'large:1', 9000),
    ],
    kinds: [
      { kind: 'image', items: 2, bytes: 9500, savedBytes: 1500 },
      { kind: 'file', items: 2, bytes: 3008, savedBytes: 2 },
    ],
    blobs: 7,
    bytes: 14_000,
  };

  it.each([
    ['kind', ['large:1', 'small:1', 'a', 'b']],
    ['size', ['large:1', 'a', 'small:1', 'b']],
    ['name', ['a', 'b', 'large:1', 'small:1']],
  ])('sorts by %s', async (sort, names) => {
    const inspect: Library['inspectBundle'] = async () => SEVERAL;
    const { stdout } = await runInMemory(['inspect', 'lab.tar', '--sort', sort], {
      verbs: { inspectBundle: inspect },
    });
    const [list = ''] = stdout.split('\n\n');
    expect([...list.matchAll(/^ {2}(?:image|file) +(\S+)/gm)].map(([, name]) => name)).toEqual(names);
  });

  it('tells the totals of each kind, and what is saved by sharing where it is worth telling', async () => {
    const inspect: Library['inspectBundle'] = async () => SEVERAL;
    const { stdout } = await runInMemory(['inspect', 'lab.tar'], { verbs: { inspectBundle: inspect } });
    expect(stdout.split('\n\n')[1]?.split('\n')).toEqual([
      '  image  2 items  9.3 KiB  10.7 KiB if nothing were shared',
      '  file   2 items  2.9 KiB',
    ]);
    expect(stdout).not.toContain('2 B');
  });

  it('lists the items with their sizes and what is shared', async () => {
    const result: InspectResult = {
      root: ROOT,
      signed: false,
      signature: 'none',
      signatureRequired: false,
      name: 'lab',
      path: 'lab.tar',
      form: 'tar',
      items: [
        {
          kind: 'image',
          name: 'docker.io/library/busybox:1',
          digest: ROOT,
          audience: ['registry'],
          bytes: 2048,
          sharedBytes: 1024,
          platforms: ['linux/amd64', 'linux/arm64'],
        },
        {
          kind: 'file',
          name: 'a\u001B[2Jb',
          digest: ROOT,
          audience: ['files'],
          bytes: 10,
          sharedBytes: 0,
          files: [],
        },
      ],
      kinds: [
        { kind: 'image', items: 1, bytes: 2048, savedBytes: 0 },
        { kind: 'file', items: 1, bytes: 10, savedBytes: 0 },
      ],
      blobs: 7,
      bytes: 4096,
    };
    const inspect: Library['inspectBundle'] = async () => result;
    const { stdout } = await runInMemory(['inspect', 'lab.tar'], { verbs: { inspectBundle: inspect } });
    expect(stdout.split('\n')).toEqual([
      'lab: 2 items in 7 blobs, 4.0 KiB',
      '  kind   name                            size   shared',
      '  image  docker.io/library/busybox:1  2.0 KiB  1.0 KiB  linux/amd64 linux/arm64',
      '  file   a\\u001b[2Jb                     10 B        -',
      '',
      '  image  1 item  2.0 KiB',
      '  file   1 item     10 B',
      '',
      `root ${ROOT}`,
      '',
    ]);
    expect(
      JSON.parse(
        (await runInMemory(['inspect', 'lab.tar', '--json'], { verbs: { inspectBundle: inspect } })).stdout,
      ),
    ).toEqual(result);
  });
});
