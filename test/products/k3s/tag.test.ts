import { describe, expect, it } from 'vitest';
import { compareTags, isOlderThan, type ReleaseTag } from '../../../src/products/distribution/tag.ts';
import { parseK3sTag } from '../../../src/products/k3s/tag.ts';

describe('parseK3sTag', () => {
  it.each([
    ['v1.30.6+k3s1', '1.30.6', '1.30.6', 1, false],
    ['v1.31.3-rc2+k3s1', '1.31.3-rc2', '1.31.3', 1, true],
    ['v1.32.12-alpha1+k3s1', '1.32.12-alpha1', '1.32.12', 1, true],
    ['v1.32.12-beta.1+k3s2', '1.32.12-beta.1', '1.32.12', 2, true],
    ['v1.17.0+k3s.1', '1.17.0', '1.17.0', 1, false],
    ['v1.30.10+k3s12', '1.30.10', '1.30.10', 12, false],
  ])('takes %s apart', (tag, version, kubernetes, build, prerelease) => {
    expect(parseK3sTag(tag)).toMatchObject({ tag, version, kubernetes, build, prerelease });
  });

  it.each([
    '1.30.6+k3s1',
    'v1.30.6',
    'v1.30.6-k3s1',
    'v1.30.6+rke2r1',
    'v1.30+k3s1',
    'v01.30.6+k3s1',
    'v1.30.6+k3s',
    'v1.30.6-dev+k3s1',
    'v1.30.6-rc+k3s1',
    'v1.30.6+k3s1 ',
    'v1.30.6+k3s1\n',
    'v1.30.6%2Bk3s1',
    '../v1.30.6+k3s1',
    'v1.30.6+k3s1/..',
    'v1.30.6+k3s99999999999',
    '',
  ])('takes %j for none', (tag) => {
    expect(parseK3sTag(tag)).toBeUndefined();
  });
});

describe('compareTags', () => {
  const ASCENDING = [
    'v1.9.10+k3s1',
    'v1.30.6-alpha2+k3s1',
    'v1.30.6-beta1+k3s1',
    'v1.30.6-rc1+k3s1',
    'v1.30.6-rc2+k3s1',
    'v1.30.6-rc9+k3s2',
    'v1.30.6-rc10+k3s1',
    'v1.30.6+k3s1',
    'v1.30.6+k3s2',
    'v1.30.6+k3s9',
    'v1.30.6+k3s10',
    'v1.30.10-rc1+k3s1',
    'v1.30.10+k3s1',
    'v1.31.0+k3s1',
  ];

  it('puts releases in the order they come out in, whatever their letters', () => {
    const tags = ASCENDING.flatMap((tag): readonly ReleaseTag[] => {
      const parsed = parseK3sTag(tag);
      return parsed === undefined ? [] : [parsed];
    });
    const sorted = tags.toReversed().sort(compareTags);
    expect(sorted.map(({ tag }) => tag)).toEqual(ASCENDING);
  });

  it.each([
    ['v1.25.2+k3s9', true],
    ['v1.25.3-rc1+k3s1', true],
    ['v1.25.3+k3s1', false],
    ['v1.100.0+k3s1', false],
  ])('knows whether %s is below 1.25.3: %s', (name, expected) => {
    const tag = parseK3sTag(name);
    expect(tag && isOlderThan(tag, '1.25.3')).toBe(expected);
  });
});
