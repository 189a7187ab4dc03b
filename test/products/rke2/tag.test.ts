import { describe, expect, it } from 'vitest';
import { parseRke2Architecture } from '../../../src/products/rke2/architecture.ts';
import { partOf, partsOf } from '../../../src/products/rke2/asset.ts';
import { parseRke2Tag } from '../../../src/products/rke2/tag.ts';

describe('parseRke2Tag', () => {
  it.each([
    ['v1.31.2+rke2r1', '1.31.2', 1, false],
    ['v1.36.4-rc1+rke2r10', '1.36.4-rc1', 10, true],
  ])('reads %s', (tag, version, build, prerelease) => {
    expect(parseRke2Tag(tag)).toMatchObject({ tag, version, build, prerelease });
  });

  it.each(['v1.31.2+k3s1', 'v1.31.2', '1.31.2+rke2r1', 'v1.31.2-rke2r1', 'v1.31.2+rke2r', 'v1.31.2+rke2r1 '])(
    'takes %j for no release of RKE2',
    (tag) => {
      expect(parseRke2Tag(tag)).toBeUndefined();
    },
  );
});

describe('partOf', () => {
  it.each([
    ['rke2-images-core.linux-amd64.tar.zst', 'core'],
    ['rke2-images-ingress-nginx.linux-amd64.tar.gz', 'ingress-nginx'],
    ['rke2-images.linux-amd64.tar.zst', undefined],
    ['rke2-images-core.linux-arm64.tar.zst', undefined],
    ['rke2-images-core.linux-amd64.txt', undefined],
    ['rke2-images-all.linux-amd64.tar.zst', undefined],
    ['rke2-images-../x.linux-amd64.tar.zst', undefined],
    ['rke2-windows-1809-amd64-images.tar.zst', undefined],
  ])('finds in %s the part %s', (name, part) => {
    expect(partOf(name, 'amd64')).toBe(part);
  });

  it('lists each part once', () => {
    const names = ['canal', 'core', 'core'].flatMap((part, index) =>
      [index < 2 ? '.tar.zst' : '.tar.gz'].map((suffix) => `rke2-images-${part}.linux-amd64${suffix}`),
    );
    expect(partsOf(names, 'amd64')).toEqual(['canal', 'core']);
  });
});

describe('parseRke2Architecture', () => {
  it.each([
    ['x86_64', 'amd64'],
    ['aarch64', 'arm64'],
    ['s390x', 's390x'],
  ])('understands %s', (text, expected) => {
    expect(parseRke2Architecture(text)).toBe(expected);
  });

  it.each(['arm', 'armhf', 'riscv64', '386'])('refuses %s with what there is', (text) => {
    expect(() => parseRke2Architecture(text)).toThrow('it is released for amd64, arm64, s390x');
  });
});
