import { describe, expect, it } from 'vitest';
import type { InspectResult } from '../../../src/verbs/inspect.ts';
import { digestOf } from '../../../src/oci/digest.ts';
import { type Library, runInMemory } from '../../support/process/cli.ts';

const ROOT = digestOf('root');

describe('bundle inspect', () => {
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
