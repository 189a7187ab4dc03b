import { describe, expect, it } from 'vitest';
import { decodeTarHeader } from '../../../src/archive/tar/header-decode.ts';
import { encodeTarHeader, TAR_BLOCK } from '../../../src/archive/tar/header.ts';

const PATH = `blobs/sha256/${'a'.repeat(64)}`;
const text = (block: Uint8Array, from: number, to: number): string =>
  Buffer.from(block.subarray(from, to)).toString('latin1');

describe('a tar header', () => {
  it('is one block that says the same on every machine [B-TAR-1]', () => {
    const block = encodeTarHeader(PATH, 1234);
    expect(block).toHaveLength(TAR_BLOCK);
    expect(text(block, 0, 77)).toBe(PATH);
    expect(text(block, 77, 100)).toBe('\0'.repeat(23));
    expect(text(block, 100, 124)).toBe('0000644\x000000000\x000000000\0');
    expect(text(block, 124, 136)).toBe('00000002322\0');
    expect(text(block, 136, 148)).toBe('00000000000\0');
    expect(text(block, 148, 156)).toMatch(/^[0-7]{6}\0 $/);
    expect(text(block, 156, 157)).toBe('0');
    expect(text(block, 157, 257)).toBe('\0'.repeat(100));
    expect(text(block, 257, 265)).toBe('ustar\x0000');
    expect(text(block, 265, 329)).toBe('\0'.repeat(64));
    expect(text(block, 329, 345)).toBe('0000000\x000000000\0');
    expect(text(block, 345, 512)).toBe('\0'.repeat(167));
  });

  it.each([0, 1, 511, 512, 513, 8 * 2 ** 30 - 1, 8 * 2 ** 30, 20e9, Number.MAX_SAFE_INTEGER])(
    'is read back with a size of %d bytes',
    (size) => {
      expect(decodeTarHeader(encodeTarHeader(PATH, size), 'here')).toEqual({
        path: PATH,
        size,
        type: 'file',
      });
    },
  );

  it('counts in octal digits below 8 GiB and in base-256 from there [B-TAR-1]', () => {
    expect(text(encodeTarHeader(PATH, 8 * 2 ** 30 - 1), 124, 136)).toBe('77777777777\0');
    expect(text(encodeTarHeader(PATH, 8 * 2 ** 30), 124, 136)).toBe('\x80\0\0\0\0\0\0\x02\0\0\0\0');
  });

  it.each(['', 'a'.repeat(100), 'bücher', 'two words', 'line\nbreak'])(
    'is refused for the path %j, which would need an extension or is none of ours',
    (path) => {
      expect(() => encodeTarHeader(path, 1)).toThrow(expect.objectContaining({ code: 'ERR_INTERNAL_BUG' }));
    },
  );
});
