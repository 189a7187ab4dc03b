import { describe, expect, it } from 'vitest';
import { sumOf } from '../../../src/targets/rancher-desktop/sum-of.ts';
import { parseSumsFile } from '../../../src/targets/rancher-desktop/sums-file.ts';
import { k3sFixture } from '../../support/samples/k3s-fixture.ts';

const A = 'a'.repeat(64);
const B = 'b'.repeat(64);

describe('parseSumsFile', () => {
  // Each line was tried with the expression that Rancher Desktop uses.
  it.each([
    ['two spaces', `${A}  k3s\n`],
    ['one space', `${A} k3s\n`],
    ['a tab', `${A}\tk3s\n`],
    ['CRLF', `${A}  k3s\r\n${B}  other\r\n`],
    ['no last newline', `${A}  k3s`],
    ['leading blanks', `   ${A}  k3s\n`],
    ['capitals', `${A.toUpperCase()}  k3s\n`],
    ['lines that say nothing', `# sums\n\n${A}  k3s\nnot hex  k3s\n`],
    ['a name twice: the last counts', `${B}  k3s\n${A}  k3s\n`],
  ])('reads a file with %s', (_, text) => {
    expect(parseSumsFile(text).get('k3s')).toBe(`sha256:${A}`);
  });

  it.each([
    ['binary mode', `${A} *k3s\n`, '*k3s'],
    ['a path', `${A}  ./k3s\n`, './k3s'],
    ['trailing blanks', `${A}  k3s \n`, 'k3s '],
  ])('takes %s for part of the name, as Rancher Desktop does', (_, text, name) => {
    expect([...parseSumsFile(text).keys()]).toEqual([name]);
  });

  it.each(['abc', `${A}0`, `${A}${A}`, 'a'.repeat(128)])(
    'makes nothing of a digest of another length: %s',
    (hex) => {
      expect(parseSumsFile(`${hex}  k3s\n`).size).toBe(0);
      expect(parseSumsFile(`${A}  k3s\n${hex}  k3s\n`).size).toBe(0);
    },
  );

  it('reads the file of a real release', () => {
    const sums = parseSumsFile(Buffer.from(k3sFixture('sha256sum-amd64.v1.36.4.txt')).toString());
    expect([...sums.keys()]).toEqual([
      'k3s-airgap-images-amd64.tar',
      'k3s-airgap-images-amd64.tar.gz',
      'k3s-airgap-images-amd64.tar.zst',
      'k3s',
    ]);
    expect(sums.get('k3s')).toBe('sha256:835873f37245fc615f547a2fe2af9402a347875f13fa64a1f136de644955ea3f');
  });

  it('returns the digest of a name, or says what stands in its way', () => {
    const sums = parseSumsFile(`${A}  k3s\n${A} *images.tar\n${A}  ./tool\n`);
    expect(sumOf(sums, 'k3s', 'sums.txt')).toBe(`sha256:${A}`);
    const messages = ['images.tar', 'tool', 'gone'].map((name) => {
      try {
        return sumOf(sums, name, 'sums.txt');
      } catch (error) {
        return String(error);
      }
    });
    expect(messages).toEqual([
      'SaddlebagError: Cannot use "sums.txt": it says "*images.tar", and Rancher Desktop looks for "images.tar"',
      'SaddlebagError: Cannot use "sums.txt": it says "./tool", and Rancher Desktop looks for "tool"',
      'SaddlebagError: Cannot use "sums.txt": it has no line for "gone"',
    ]);
  });
});
