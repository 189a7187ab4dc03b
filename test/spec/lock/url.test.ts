import { assert, property, webUrl } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isLockedUrl, lockedUrl } from '../../../src/spec/lock/url.ts';

describe('lockedUrl', () => {
  it.each([
    ['https://example.com/tool.tar.gz', 'https://example.com/tool.tar.gz'],
    ['HTTPS://Example.COM:443/a/../tool', 'https://example.com/tool'],
    ['http://127.0.0.1:8080', 'http://127.0.0.1:8080/'],
    ['https://me:s3cret@example.com/tool', 'https://example.com/tool'],
    ['https://me@example.com/tool#s3cret', 'https://example.com/tool'],
    ['https://example.com/v1.30.6%2Bk3s1/k3s', 'https://example.com/v1.30.6%2Bk3s1/k3s'],
  ])('of %s is %s', (url, expected) => {
    expect(lockedUrl(url)).toBe(expected);
  });

  it('tells queries apart, and holds nothing of them [B-LOCK-3]', () => {
    const [one, other] = ['token=s3cret-1', 'token=s3cret-2'].map((query) =>
      lockedUrl(`https://example.com/tool?${query}`),
    );
    expect(one).toMatch(/^https:\/\/example\.com\/tool\?query-sha256=[0-9a-f]{16}$/);
    expect(other).not.toBe(one);
    expect(`${one}${other}`).not.toContain('s3cret');
  });

  it('does not take a fingerprint that was asked for as such for its own', () => {
    const key = lockedUrl('https://example.com/tool?a=1');
    expect(lockedUrl(key)).not.toBe(key);
  });

  it('is a name that a lock may have, whatever the URL', () => {
    assert(
      property(webUrl({ withFragments: true, withQueryParameters: true }), (url) => {
        const key = lockedUrl(url);
        expect(isLockedUrl(key)).toBe(true);
        expect(key).not.toContain('#');
      }),
    );
  });
});

describe('isLockedUrl', () => {
  it.each([
    'tool',
    '',
    'ftp://example.com/x',
    'file:///x',
    'https://me@example.com/x',
    'https://me:pw@example.com/x',
    'https://example.com/x?a=1',
    'https://example.com/x?',
    'https://example.com/x#y',
    'https://example.com',
    'https://EXAMPLE.com/x',
    'https://example.com/x?query-sha256=ABCDEF0123456789',
    'https://example.com/x?query-sha256=0123456789abcdef&a=1',
  ])('refuses %j', (text) => {
    expect(isLockedUrl(text)).toBe(false);
  });
});
