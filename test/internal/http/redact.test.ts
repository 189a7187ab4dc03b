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
