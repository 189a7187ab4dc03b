import { describe, expect, it } from 'vitest';
import { ignoring } from '../../../../src/products/openshift/catalog/ignore.ts';

describe('an ignore file of a catalog', () => {
  it.each<readonly [string, string, boolean]>([
    ['README.md', 'README.md', true],
    ['README.md', 'a/README.md', true],
    ['/README.md', 'a/README.md', false],
    ['*.md', 'a/b.md', true],
    ['*.md', 'a/b.json', false],
    ['?.md', 'ab.md', false],
    ['a/*.md', 'a/b.md', true],
    ['a/*.md', 'a/b/c.md', false],
    ['a/**', 'a/b/c.md', true],
    ['**/c.md', 'a/b/c.md', true],
    ['a/**/c.md', 'a/c.md', true],
    ['b/', 'a/b/c.md', true],
    ['b/', 'a/b', false],
    ['b', 'a/b/c.md', true],
    ['# a', 'a', false],
    ['', 'a', false],
    ['*\n!a', 'a', false],
    ['*\n!a', 'b', true],
    // What lies in an ignored folder cannot be taken in again.
    ['b/\n!b/c', 'b/c', true],
    ['a.b', 'axb', false],
    ['a  ', 'a', true],
  ])('with %j makes of %s: %s', (text, path, expected) => {
    expect(ignoring([{ folder: '', text }])(path)).toBe(expected);
  });

  it('is for its own folder, and is ignored itself', () => {
    const isIgnored = ignoring([
      { folder: 'a', text: '/x\r\n' },
      { folder: '', text: 'a/y\n' },
    ]);
    const paths = ['a/x', 'x', 'b/x', 'a/y', '.indexignore', 'a/.indexignore'];
    expect(paths.map((path) => isIgnored(path))).toEqual([true, false, false, true, true, true]);
  });

  it('takes no long time for patterns of many stars', () => {
    const isIgnored = ignoring([{ folder: '', text: `${'**/'.repeat(500)}x\n${'*a'.repeat(500)}b` }]);
    expect(isIgnored(`${'a/'.repeat(500)}y`)).toBe(false);
    expect(isIgnored('a'.repeat(4000))).toBe(false);
  });
});
