import { describe, expect, it } from 'vitest';
import { redactUrl } from '../../../src/internal/http/redact.ts';

describe('redactUrl', () => {
  it.each([
    ['https://user:secret@host.example:8443/a/b?token=secret#secret', 'https://host.example:8443/a/b'],
    ['https://host.example', 'https://host.example/'],
    ['http://user@[::1]:5000/v2/', 'http://[::1]:5000/v2/'],
    ['not a url?token=secret', 'not a url'],
    ['//user:secret@host/path', '//host/path'],
    ['user:secret@host', 'host'],
    ['http://user:secret@bad host/x', 'http://bad host/x'],
    ['http://user:se@cret@bad host/x?y', 'http://bad host/x'],
    ['http://user:s3/cret@127.0.0.1:9', 'http://…@127.0.0.1:9'],
    ['http://user:12/cret@127.0.0.1:9', 'http://…@127.0.0.1:9'],
    ['http://user:s3\\cret@127.0.0.1:9', 'http://…@127.0.0.1:9'],
    ['http://CORP\\jane:secret@127.0.0.1:9', 'http://…@127.0.0.1:9'],
    ['http://corp.example\\jane:secret@127.0.0.1:9', 'http://…@127.0.0.1:9'],
    ['http://user:p@a.example/cret@127.0.0.1:9', 'http://…@127.0.0.1:9'],
    ['http://tok/en@host/x', 'http://…@host/x'],
    ['http://user:s3?cret@127.0.0.1:9', 'http://…'],
    ['http://user:12?cret@127.0.0.1:9', 'http://…'],
    ['http://user:s3#cret@127.0.0.1:9', 'http://…'],
    ['http://user:s3"cr et@host/', 'http://host/'],
    ['https://npm.example/left-pad@1.3.0.tgz', 'https://npm.example/left-pad@1.3.0.tgz'],
    ['https://npm.example/@scope/x?email=a@b.example', 'https://npm.example/@scope/x'],
    ['https://npm.example:8443/left-pad@1.3.0.tgz', 'https://…@1.3.0.tgz'],
  ])('makes %j into %j', (url, expected) => {
    expect(redactUrl(url)).toBe(expected);
  });

  it('takes a URL object', () => {
    expect(redactUrl(new URL('https://u:p@h.example/x?y=z'))).toBe('https://h.example/x');
  });

  it('keeps messages short when what should be a URL is a whole document', () => {
    expect(redactUrl('x'.repeat(10_000)).length).toBe(200);
  });
});
