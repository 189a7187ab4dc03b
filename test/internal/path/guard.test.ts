import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { faultOfPath, PathGuard } from '../../../src/internal/path/guard.ts';
import { quote } from '../../../src/internal/quote.ts';
import { faultOfName } from '../../../src/internal/file-name.ts';

describe('the path of an entry', () => {
  it.each([
    'a',
    'oci-layout',
    'blobs/sha256/00ff',
    'ä/ö.txt',
    '.hidden',
    'a b',
    'com',
    'com10',
    'console.txt',
    '…',
  ])('may be %j', (path) => {
    expect(faultOfPath(path)).toBeUndefined();
  });

  it.each([
    ['', 'empty'],
    ['/etc/passwd', 'absolute'],
    ['../x', '".."'],
    ['a/../../x', '".."'],
    ['a/..', '".."'],
    ['./a', '"."'],
    ['a/./b', '"."'],
    ['a//b', 'a name is empty'],
    ['a/', 'a name is empty'],
    ['a\\b', 'character'],
    ['..\\x', 'character'],
    ['C:/x', 'character ":"'],
    ['C:x', 'character ":"'],
    ['file:stream', 'character ":"'],
    ['a\0b', 'control'],
    ['a\nb', 'control'],
    ['a\u001b[2Jb', 'control'],
    ['a\u202egnp.exe', 'invisible'],
    ['a\u200bb', 'invisible'],
    ['a\ud800', 'invisible'],
    ['a\ufffd', 'invisible'],
    ['CON', 'device'],
    ['con.txt', 'device'],
    ['a/NUL', 'device'],
    ['aux.tar.gz', 'device'],
    ['COM1', 'device'],
    ['lpt9.x', 'device'],
    ['com¹', 'device'],
    ['CONIN$', 'device'],
    ['nul .txt', 'device'],
    ['a.', 'dot or a space'],
    ['a /b', 'dot or a space'],
    [' a', 'starts with a space'],
    ['a?', 'character'],
    ['a*', 'character'],
    ['a|b', 'character'],
    ['a"b', 'character'],
    ['<a>', 'character'],
    ['x'.repeat(256), 'longer'],
    ['é'.repeat(128), 'longer'],
    [`${'x/'.repeat(200)}x`, 'longer'],
  ])('may not be %j', (path, fact) => {
    expect(faultOfPath(path)).toContain(fact);
  });

  it('is never accepted when it would leave its folder', () => {
    const part = fc.constantFrom('..', '.', '', 'a', 'b', '\\', 'C:', '...', '.. ', 'x/../..');
    fc.assert(
      fc.property(fc.array(part, { minLength: 1, maxLength: 6 }), (parts) => {
        const path = parts.join('/');
        const depth = path.split(/[\\/]/).reduce((level, name) => (name === '..' ? -999 : level + 1), 0);
        expect(faultOfPath(path) !== undefined || depth > 0).toBe(true);
      }),
    );
  });
});

describe('a plain file name', () => {
  it('has no folder in it', () => {
    expect(faultOfName('a/b')).toContain('"/"');
    expect(faultOfName('k3s-airgap-images-amd64.tar.zst')).toBeUndefined();
  });
});

describe('the guard of a listing', () => {
  it.each([
    [['a', 'a'], 'appears twice'],
    [['a', 'A'], 'treat the two as one'],
    [['straße', 'STRASSE'], 'treat the two as one'],
    [['\u00e9', 'e\u0301'], 'treat the two as one'],
    [['a', 'a/b'], 'a file and a folder'],
    [['a/b', 'a'], 'a file and a folder'],
    [['a/b/c', 'A/b/d'], 'treat the two as one'],
  ])('refuses the last of %j', (paths, fact) => {
    const guard = new PathGuard();
    const faults = paths.map((path) => guard.admit(path));
    expect(faults.slice(0, -1)).toEqual(faults.slice(0, -1).map(() => undefined));
    expect(faults.at(-1)).toContain(fact);
  });

  it('does not remember what it refused', () => {
    const guard = new PathGuard();
    expect(guard.admit('../a')).toBeDefined();
    expect(guard.admit('a')).toBeUndefined();
    expect(guard.admit('a/b')).toBeDefined();
    expect(guard.admit('b/c')).toBeUndefined();
  });
});

describe('foreign text in a message', () => {
  it('cannot steer a terminal and is cut when it is endless [B-SEC-2]', () => {
    expect(quote('a\u001b[31m\u202e\u009b')).toBe('"a\\u001b[31m\\u{202e}\\u{9b}"');
    expect(quote('x'.repeat(10_000)).length).toBeLessThan(320);
  });
});
