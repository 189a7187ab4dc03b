import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isSaddlebagError } from '../../../src/internal/error.ts';
import { digestFromHex, integrityFromHex, startIntegrityCheck } from '../../../src/sources/web/checksum.ts';
import { parseSums } from '../../../src/sources/web/sums-file.ts';
import { k3sFixture } from '../../support/samples/k3s-fixture.ts';

const ONE = '1'.repeat(64);
const TWO = '2'.repeat(64);

function parse(text: string): readonly [string, string][] {
  return [...parseSums(Buffer.from(text), 'sums.txt')];
}

function errorOf(task: () => unknown): unknown {
  try {
    task();
    return undefined;
  } catch (error) {
    return error;
  }
}

describe('parseSums', () => {
  it('reads the sums file of a real release', () => {
    const sums = parseSums(k3sFixture('sha256sum-amd64.v1.36.4.txt'), 'sums.txt');
    expect([...sums.keys()]).toEqual([
      'k3s-airgap-images-amd64.tar',
      'k3s-airgap-images-amd64.tar.gz',
      'k3s-airgap-images-amd64.tar.zst',
      'k3s',
    ]);
    expect(sums.get('k3s')).toBe('sha256:835873f37245fc615f547a2fe2af9402a347875f13fa64a1f136de644955ea3f');
  });

  it.each([
    ['two spaces', `${ONE}  k3s\n`],
    ['binary mode', `${ONE} *k3s\n`],
    ['one space', `${ONE} k3s\n`],
    ['CRLF', `${ONE}  k3s\r\n`],
    ['no last line end', `${ONE}  k3s`],
    ['blank lines', `\n${ONE}  k3s\n\n`],
    ['a line twice', `${ONE}  k3s\n${ONE}  k3s\n`],
  ])('takes %s', (_, text) => {
    expect(parse(text)).toEqual([['k3s', `sha256:${ONE}`]]);
  });

  it('reads hex of either case as the same digest', () => {
    expect(parse(`${'AB'.repeat(32)}  k3s`)).toEqual([['k3s', `sha256:${'ab'.repeat(32)}`]]);
  });

  it.each([
    ['a short checksum', `${ONE.slice(1)}  k3s\n`],
    ['a long checksum', `${ONE}1  k3s\n`],
    ['no name', `${ONE}\n`],
    ['an escaped name', `\\${ONE}  a\\nb\n`],
    ['a web page', '<!DOCTYPE html>\n'],
    ['other text', 'not found\n'],
  ])('refuses %s, and names the line', (_, text) => {
    expect(() => parse(`${TWO}  other\n${text}`)).toThrow(/Cannot read checksums of "sums.txt": line 2 /);
  });

  it('refuses two lines that disagree about a file', () => {
    expect(() => parse(`${ONE}  k3s\n${TWO}  k3s\n`)).toThrow(/line 2 names "k3s" again/);
  });

  it('fails with an error of ours or not at all, whatever it is given', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const error = errorOf(() => parse(text));
        expect(error === undefined || isSaddlebagError(error, 'ERR_DOCUMENT_INVALID')).toBe(true);
      }),
    );
  });
});

describe('a checksum in hex', () => {
  it('is a digest only when it is 64 hex digits', () => {
    expect(digestFromHex('AB'.repeat(32))).toBe(`sha256:${'ab'.repeat(32)}`);
    for (const hex of ['', 'ab', `${ONE} `, 'g'.repeat(64), `${ONE.slice(0, 62)}zz`])
      expect(digestFromHex(hex)).toBeUndefined();
  });

  it('of sha512 is an SRI string that its content matches, and no other', () => {
    // sha512 of "abc" (FIPS 180-2, appendix C.1).
    const hex =
      'ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f';
    const integrity = integrityFromHex(hex, 'sha512') ?? '';
    expect(integrity).toMatch(/^sha512-3a81oZNherrMQXNJriBB/);
    const good = startIntegrityCheck(integrity);
    for (const letter of 'abc') good.update(Buffer.from(letter));
    expect(good.matches()).toBe(true);
    const bad = startIntegrityCheck(integrity);
    bad.update(Buffer.from('abd'));
    expect(bad.matches()).toBe(false);
    expect(integrityFromHex(ONE, 'sha512')).toBeUndefined();
  });
});
