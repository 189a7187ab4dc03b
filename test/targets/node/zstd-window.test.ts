import { constants, zstdCompressSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { ZSTD_HEADER_LENGTH, zstdWindow } from '../../../src/targets/node/zstd-window.ts';
import { zstdHead } from '../../support/samples/zstd-head.ts';

describe('zstdWindow', () => {
  it.each([10, 20, 25, 27, 31])('reads a window of 2^%i bytes', (exponent) => {
    expect(zstdWindow(zstdHead(exponent))).toBe(2 ** exponent);
  });

  it('counts the mantissa in eighths', () => {
    expect(zstdWindow(Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, (15 << 3) | 4]))).toBe(2 ** 25 * 1.5);
  });

  it('takes a frame of a single segment for its size, of 5 GiB too', () => {
    // RFC 8878, section 3.1.1.1.1: the size has 8 bytes, and there is a single segment.
    const head = Buffer.alloc(ZSTD_HEADER_LENGTH);
    head.set([0x28, 0xb5, 0x2f, 0xfd, 0xe0]);
    head.writeBigUInt64LE(5n * 1024n ** 3n, 5);
    expect(zstdWindow(head)).toBe(5 * 1024 ** 3);
  });

  it.each([1, 200, 300, 70_000])('takes a frame of a single segment for its size: %i bytes', (size) => {
    const bytes = zstdCompressSync(Buffer.alloc(size, 'x'), { pledgedSrcSize: size });
    expect(zstdWindow(bytes.subarray(0, ZSTD_HEADER_LENGTH))).toBe(size);
  });

  it('reads what a compressor of today writes', () => {
    const params = { [constants.ZSTD_c_windowLog]: 22 };
    const bytes = zstdCompressSync(Buffer.alloc(9 * 1024 * 1024, 'x'), { params });
    expect(zstdWindow(bytes.subarray(0, ZSTD_HEADER_LENGTH))).toBe(2 ** 22);
  });

  it.each([
    ['nothing', Buffer.alloc(0)],
    ['too little', Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00])],
    ['gzip', Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0])],
    ['a header that is cut short', Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0xe0, 0, 0, 0])],
  ])('makes nothing of %s', (_, bytes) => {
    expect(zstdWindow(bytes)).toBeUndefined();
  });
});
