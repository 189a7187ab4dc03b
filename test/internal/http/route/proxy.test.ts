import { describe, expect, it } from 'vitest';
import { proxyFor } from '../../../../src/internal/http/route/proxy.ts';

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

  it.each([
    ['http://CORP\\jane:secret@127.0.0.1:3128', 'CORP\\jane', 'secret'],
    ['CORP\\jane:secret@127.0.0.1:3128', 'CORP\\jane', 'secret'],
    ['http://CORP/jane:secret@127.0.0.1:3128/', 'CORP/jane', 'secret'],
    ['http://jane@corp.example:secret@127.0.0.1:3128', 'jane@corp.example', 'secret'],
    ['http://user:s3/cr3t@127.0.0.1:3128', 'user', 's3/cr3t'],
    ['http://user:12/cr3t@127.0.0.1:3128', 'user', '12/cr3t'],
    ['http://user:s3#cr3t@127.0.0.1:3128', 'user', 's3#cr3t'],
    ['http://user:s3?cr3t@127.0.0.1:3128', 'user', 's3?cr3t'],
    ['http://user:s3@cr3t@127.0.0.1:3128', 'user', 's3@cr3t'],
    ['http://user:s3:cr3t@127.0.0.1:3128', 'user', 's3:cr3t'],
    ['http://user:s3 cr3t@127.0.0.1:3128', 'user', 's3 cr3t'],
    ['http://user:"s3\'cr3t@127.0.0.1:3128', 'user', '"s3\'cr3t'],
    ['http://user:[s3]{cr3t}@127.0.0.1:3128', 'user', '[s3]{cr3t}'],
    ['http://jürgen:päß@127.0.0.1:3128', 'jürgen', 'päß'],
    ['http://us%40er:s3%2Fcr3t%25@127.0.0.1:3128', 'us@er', 's3/cr3t%'],
    ['socks5h://user:s3/cr3t@127.0.0.1:3128', 'user', 's3/cr3t'],
    ['https://user:s3/cr3t@[::1]:3128/', 'user', 's3/cr3t'],
  ])('takes user and password out of %j', (value, user, password) => {
    const proxy = new URL(proxyFor(new URL('http://a.example/'), { HTTP_PROXY: value }) ?? '');
    expect(decodeURIComponent(proxy.username)).toBe(user);
    expect(decodeURIComponent(proxy.password)).toBe(password);
    expect(proxy.host).toMatch(/^(127\.0\.0\.1|\[::1\]):3128$/);
    expect(proxy.pathname).toMatch(/^\/?$/);
  });

  it.each([
    'http://',
    'http://user:100%@proxy.example',
    'not a host:1',
    'http://user:s3cr3t@proxy.example:3128/path',
    'http://user:s3cr3t@proxy.example:3128?a=b',
    'http://user:s3cr3t@proxy.example:3128/#x',
    'http://127.0.0.1:3128/path',
    'http://127.0.0.1:3128#x',
    'http://127.0.0.1:3128?x',
    'http://127.0.0.1:3128/proxy.pac',
    'pac+http://127.0.0.1:3128/proxy.pac',
    'file:///etc/proxy.pac',
    'ftp://user:s3cr3t@proxy.example',
    'socks4://127.0.0.1:1080',
    'socks5://',
    'http://user:s3cr3t@',
    'http://proxy.example:99999',
    'http:\\\\proxy.example:3128',
    'PROXY proxy.example:3128',
  ])('refuses %j as a proxy, and shows no password', (value) => {
    expect(() => proxyFor(new URL('http://a.example/'), { HTTP_PROXY: value })).toThrow(
      expect.objectContaining({
        code: 'ERR_USAGE_INVALID',
        message: expect.not.stringContaining('s3cr3t'),
      }),
    );
  });

  it('says what to do about the script that a browser takes its proxy from', () => {
    const env = { HTTP_PROXY: 'http://wpad.example/proxy.pac' };
    expect(() => proxyFor(new URL('http://a.example/'), env)).toThrow(
      expect.objectContaining({ hint: expect.stringContaining('write the proxy that it chooses') }),
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
