import { describe, expect, it } from 'vitest';
import { compileRewrite } from '../../../src/registry/settings/rewrite.ts';

describe('compileRewrite', () => {
  it.each([
    ['^rancher/(.*)', 'mirror/rancher/$1', 'rancher/shell', 'mirror/rancher/shell'],
    ['^rancher/(.*)', 'mirror/${1}-copy', 'rancher/shell', 'mirror/shell-copy'],
    ['(?P<team>[a-z]+)/(?P<name>.*)', '$name/$team', 'rancher/shell', 'shell/rancher'],
    ['^(.*)$', 'a/$1_x', 'shell', 'a/'],
    ['l', 'L', 'shell', 'sheLL'],
    ['shell', '$$&$&', 'shell', '$&$&'],
    ['^nothing$', 'x', 'rancher/shell', 'rancher/shell'],
  ])('applies %s → %s as Go does', (pattern, replacement, repository, expected) => {
    expect(compileRewrite({ [pattern]: replacement })(repository)).toBe(expected);
  });

  it('applies the first pattern that matches, and no other', () => {
    const rewrite = compileRewrite({ '^b/': 'x/', '^a/': 'b/', '^a': 'z' });
    expect(rewrite('a/image')).toBe('b/image');
  });

  it('leaves names alone without rules', () => {
    expect(compileRewrite(undefined)('a/b')).toBe('a/b');
  });

  it('names a pattern that is not a regular expression', () => {
    expect(() => compileRewrite({ '(': 'x' })).toThrow(
      expect.objectContaining({ code: 'ERR_REGISTRIES_INVALID', message: expect.stringContaining('"("') }),
    );
  });
});
