import { describe, expect, it } from 'vitest';
import { proxyFor } from '../../../src/internal/http/proxy.ts';

const PROXY = 'http://proxy.example:3128';

describe('proxyFor', () => {
  it('takes HTTP_PROXY for http and HTTPS_PROXY for https, never one for the other', () => {
    expect(proxyFor(new URL('http://a.example/'), { HTTP_PROXY: PROXY })).toBe(PROXY);
    expect(proxyFor(new URL('https://a.example/'), { HTTPS_PROXY: PROXY })).toBe(PROXY);
    expect(proxyFor(new URL('https://a.example/'), { HTTP_PROXY: PROXY })).toBeUndefined();
    expect(proxyFor(new URL('http://a.example/'), { HTTPS_PROXY: PROXY })).toBeUndefined();
  });

  it('prefers the lower-case spelling, and takes an empty one for none', () => {
    const env = { https_proxy: 'http://lower.example', HTTPS_PROXY: PROXY };
    expect(proxyFor(new URL('https://a.example/'), env)).toBe('http://lower.example');
    expect(proxyFor(new URL('https://a.example/'), { ...env, https_proxy: '' })).toBe(PROXY);
    expect(proxyFor(new URL('https://a.example/'), { HTTPS_PROXY: ' ' })).toBeUndefined();
  });

  it('takes an address without a scheme as an http proxy, as curl does', () => {
    expect(proxyFor(new URL('https://a.example/'), { HTTPS_PROXY: 'proxy.example:3128' })).toBe(PROXY);
  });

  it.each([
    'http://localhost:5000/',
    'http://127.0.0.1/',
    'http://127.9.9.9/',
    'http://[::1]:5000/',
    'http://r.localhost/',
  ])('reaches the loopback address %s directly', (url) => {
    expect(proxyFor(new URL(url), { HTTP_PROXY: PROXY })).toBeUndefined();
  });

  it.each([
    ['a.example', 'http://a.example/'],
    ['A.Example', 'http://a.example/'],
    ['a.example', 'http://sub.a.example/'],
    ['.a.example', 'http://a.example/'],
    ['.a.example', 'http://sub.a.example/'],
    ['*.a.example', 'http://sub.a.example/'],
    ['other.example, a.example', 'http://a.example./'],
    ['other.example a.example', 'http://a.example/'],
    ['a.example:8080', 'http://a.example:8080/'],
    ['a.example:80', 'http://a.example/'],
    ['*', 'http://a.example/'],
    ['10.1.2.3', 'http://10.1.2.3/'],
    ['10.0.0.0/8', 'http://10.200.3.4:5000/'],
    ['fd00::/8', 'http://[fd00::1]/'],
    ['fd00::1', 'http://[fd00::1]:5000/'],
    ['[fd00::1]:5000', 'http://[fd00::1]:5000/'],
  ])('with NO_PROXY %j reaches %s directly', (noProxy, url) => {
    expect(proxyFor(new URL(url), { HTTP_PROXY: PROXY, NO_PROXY: noProxy })).toBeUndefined();
  });

  it.each([
    ['a.example', 'http://not-a.example/'],
    ['*.a.example', 'http://a.example/'],
    ['a.example:8080', 'http://a.example/'],
    ['10.0.0.0/8', 'http://11.0.0.1/'],
    ['10.0.0.0/8', 'http://ten.example/'],
    ['10.0.0.0/99', 'http://10.0.0.1/'],
    ['10.0.0.0/', 'http://10.0.0.1/'],
    ['fd00::/8', 'http://10.0.0.1/'],
    ['[fd00::1]:5000', 'http://[fd00::1]:5001/'],
    [',,', 'http://a.example/'],
  ])('with NO_PROXY %j sends %s through the proxy', (noProxy, url) => {
    expect(proxyFor(new URL(url), { HTTP_PROXY: PROXY, no_proxy: noProxy })).toBe(PROXY);
  });

  it.each(['http://', 'http://user:100%@proxy.example', 'not a host:1'])('refuses %j as a proxy', (value) => {
    expect(() => proxyFor(new URL('http://a.example/'), { HTTP_PROXY: value })).toThrow(
      expect.objectContaining({ code: 'ERR_USAGE_INVALID' }),
    );
  });

  it('names the variable, and no password, when it holds something else', () => {
    expect(() =>
      proxyFor(new URL('https://a.example/'), { HTTPS_PROXY: 'ftp://u:secret@proxy.example' }),
    ).toThrow(
      expect.objectContaining({
        code: 'ERR_USAGE_INVALID',
        message: 'Cannot use HTTPS_PROXY "ftp://proxy.example/": it is not the URL of a proxy',
      }),
    );
  });
});
