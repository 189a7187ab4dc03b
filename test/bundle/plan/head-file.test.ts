import { describe, expect, it } from 'vitest';
import { HeadFile } from '../../../src/bundle/plan/head-file.ts';
import { digestOf } from '../../../src/oci/digest.ts';

describe('a file of a head', () => {
  it('is known by all of its bytes, which are made anew each time', () => {
    let made = 0;
    function* pieces(): Generator<Uint8Array, void, undefined> {
      made += 1;
      yield Buffer.from('one ');
      yield Buffer.from('two');
    }
    const file = new HeadFile('list', pieces);
    expect(file).toMatchObject({ path: 'list', size: 7, digest: digestOf('one two') });
    expect(Buffer.concat([...file.pieces()]).toString()).toBe('one two');
    expect(Buffer.from(file.bytes).toString()).toBe('one two');
    expect(made).toBe(3);
  });

  it('hands on bytes that are in memory as they are', () => {
    const bytes = Buffer.from('text');
    expect(HeadFile.of('list', bytes).bytes).toBe(bytes);
    expect(HeadFile.of('none', Buffer.alloc(0))).toMatchObject({ size: 0, digest: digestOf('') });
  });
});
