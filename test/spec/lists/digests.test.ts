import { describe, expect, it } from 'vitest';
import { digestOf } from '../../../src/oci/digest.ts';
import { parseImageDigests } from '../../../src/spec/lists/digests.ts';
import { problemsOf } from '../../support/thrown.ts';

const ONE = digestOf('one');
const TWO = digestOf('two');

async function faultsOf(text: string): Promise<readonly string[]> {
  return await problemsOf((async () => parseImageDigests(text, 'digests.txt'))());
}

describe('a list of digests', () => {
  it('has a reference and a digest a line, of either kind of line end', () => {
    const text = `\uFEFFdocker.io/rancher/one:1 ${ONE}\r\n\n# comment\nrancher/two:1\t${TWO}`;
    expect([...parseImageDigests(text, 'digests.txt')]).toEqual([
      ['docker.io/rancher/one:1', ONE],
      ['docker.io/rancher/two:1', TWO],
    ]);
  });

  it('may lack a digest that was not known when it was made', () => {
    expect([
      ...parseImageDigests(`rancher/one:1 \nrancher/two:1\nbusybox:1 ${ONE}\n`, 'digests.txt'),
    ]).toEqual([['docker.io/library/busybox:1', ONE]]);
  });

  it('may say the same twice, and not two things', async () => {
    expect(parseImageDigests(`a/b:1 ${ONE}\na/b:1\na/b:1 ${ONE}\n`, 'digests.txt').size).toBe(1);
    expect(await faultsOf(`a/b:1 ${ONE}\na/b:1 ${TWO}\n`)).toEqual([
      `ERR_LIST_INVALID Cannot read digest "a/b:1 ${TWO}" at digests.txt:2: an earlier line says "${ONE}"`,
    ]);
  });

  it('is refused with every line that is something else', async () => {
    expect(await faultsOf('a/b:1 sha1:abc\nNO\na/b:1 c d\n')).toEqual([
      'ERR_LIST_INVALID Cannot read digest "a/b:1 sha1:abc" at digests.txt:1: "sha1:abc" is not a sha256 digest',
      expect.stringMatching(/^ERR_LIST_INVALID Cannot read digest "NO" at digests.txt:2: /),
      'ERR_LIST_INVALID Cannot read digest "a/b:1 c d" at digests.txt:3: it is not a reference and a digest',
    ]);
  });
});
