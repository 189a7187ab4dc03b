import { describe, expect, it } from 'vitest';
import { safeFileName } from '../../src/targets/file-name.ts';

describe('safeFileName', () => {
  it.each(['tool.tar.gz', 'k3s', '.profile', 'a b', 'ünïcode', '...x', 'console', 'x'.repeat(255)])(
    'takes %s',
    (name) => {
      expect(safeFileName(name)).toBe(name);
    },
  );

  it.each([
    '',
    '.',
    '..',
    '../x',
    'a/b',
    '/etc/passwd',
    'a\\b',
    'C:x',
    'x\0y',
    'x\ny',
    '\u001b[2J',
    'x.',
    'x ',
    'NUL',
    'nul.txt',
    'Com1',
    'lpt9.log',
    'a:stream',
    'what?',
    'x'.repeat(256),
    'ü'.repeat(128),
  ])('refuses %o', (name) => {
    expect(() => safeFileName(name)).toThrow(expect.objectContaining({ code: 'ERR_TARGET_REFUSED' }));
  });
});
