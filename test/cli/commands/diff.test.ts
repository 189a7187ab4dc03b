import { describe, expect, it } from 'vitest';
import type { DiffResult } from '../../../src/verbs/diff.ts';
import { digestOf } from '../../../src/oci/digest.ts';
import { runInMemory } from '../../support/process/cli.ts';

const RESULT: DiffResult = {
  old: { path: 'one.tar', type: 'bundle', root: digestOf('one'), name: 'lab' },
  new: { path: 'two.tar', type: 'bundle', root: digestOf('two'), name: 'lab' },
  items: [
    { kind: 'image', name: 'docker.io/a/b:2', change: 'added', after: digestOf('b') },
    { kind: 'k3s', name: 'v1.30.6+k3s1', change: 'changed', before: digestOf('k'), after: digestOf('l') },
    { kind: 'image', name: 'docker.io/a/b:1', change: 'removed', before: digestOf('a') },
  ],
  unchanged: 4,
  added: { blobs: 2, bytes: 2_000_000 },
  removed: { blobs: 1, bytes: 1000 },
  kept: { blobs: 9, bytes: 9_000_000 },
};

describe('bundle diff', () => {
  it('shows items by what became of them, and how much content', async () => {
    const { status, stdout } = await runInMemory(['diff', 'one.tar', 'two.tar'], {
      verbs: {
        diffBundles: async (wish) => ({
          ...RESULT,
          old: { ...RESULT.old, path: `${wish.old}!` },
          new: { ...RESULT.new, path: wish.new },
        }),
      },
    });
    expect(status).toBe(0);
    expect(stdout).toBe(
      [
        'one.tar! -> two.tar',
        '  +  image  docker.io/a/b:2',
        '  ~  k3s    v1.30.6+k3s1',
        '  -  image  docker.io/a/b:1',
        'items: 1 added, 1 changed, 1 removed, 4 unchanged',
        '  only in the new one  2 blobs  1.9 MiB',
        '  only in the old one   1 blob   1000 B',
        '  in both              9 blobs  8.6 MiB',
        '',
      ].join('\n'),
    );
  });

  it('prints the result as it is with --json', async () => {
    const { stdout } = await runInMemory(['diff', 'a', 'b', '--json'], {
      verbs: { diffBundles: async () => RESULT },
    });
    expect(JSON.parse(stdout)).toEqual(RESULT);
  });

  it('wants both', async () => {
    const { status, stderr } = await runInMemory(['diff', 'a']);
    expect(status).toBe(2);
    expect(stderr).toContain('bundle diff OLD NEW');
  });
});
