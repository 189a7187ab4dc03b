import { SaddlebagError } from '../../internal/error.ts';

/** A tar consists of blocks of this size (bytes): one for a header, as many as needed for content (POSIX ustar). */
export const TAR_BLOCK = 512;

/** A size of this or more (bytes) does not fit in 11 octal digits. */
const LARGE = 8 ** 11;
/** Where the size is (bytes). */
const SIZE = { start: 124, end: 136 } as const;
/** Where the checksum is (bytes). */
const CHECKSUM = { start: 148, end: 156 } as const;

/**
 * Returns the ustar header block (512 bytes) of a plain file, a function of path and size (bytes) alone: mode 0644, owner
 * and group 0 without names, modification time 0; `tar --format=ustar` writes the same. A size of 8 GiB or more does not fit in
 * octal digits and is written in GNU's base-256, which GNU tar, bsdtar, Go and Python read. `bundle-spec/shapes.md` has it
 * byte by byte.
 *
 * @throws `ERR_INTERNAL_BUG` for a path that would need more than a ustar header
 */
export function encodeTarHeader(path: string, size: number): Uint8Array {
  if (!/^[\x21-\x7e]{1,99}$/.test(path)) {
    throw new SaddlebagError(
      'ERR_INTERNAL_BUG',
      `Cannot encode tar header of "${path}": it is not a plain path`,
    );
  }
  const block = Buffer.from(COMMON);
  block.write(path, 0, 'latin1');
  block.set(encodeSize(size), SIZE.start);
  let sum = COMMON_SUM;
  for (let at = 0; at < path.length; at += 1) sum += block[at] ?? 0;
  for (let at = SIZE.start; at < SIZE.end; at += 1) sum += block[at] ?? 0;
  block.write(`${octal(sum, 6)}\0 `, CHECKSUM.start, 'latin1');
  return block;
}

/** What all headers have in common, with spaces in place of the checksum, as it is added up. */
const COMMON = commonBlock();
const COMMON_SUM = COMMON.reduce((sum, byte) => sum + byte, 0);

function commonBlock(): Buffer {
  const block = Buffer.alloc(TAR_BLOCK);
  block.write('0000644\x000000000\x000000000\0', 100, 'latin1');
  block.write('00000000000\0', SIZE.end, 'latin1');
  block.fill(' ', CHECKSUM.start, CHECKSUM.end);
  block.write('0', 156, 'latin1');
  block.write('ustar\x0000', 257, 'latin1');
  block.write('0000000\x000000000\0', 329, 'latin1');
  return block;
}

/** 12 bytes: octal digits and a zero byte, or from 8 GiB on 0x80 and the number in 11 bytes, big-endian. */
function encodeSize(size: number): Uint8Array {
  if (size < LARGE) return Buffer.from(`${octal(size, 11)}\0`, 'latin1');
  const bytes = Buffer.alloc(12);
  bytes.writeUInt8(0x80, 0);
  bytes.writeBigUInt64BE(BigInt(size), 4);
  return bytes;
}

function octal(value: number, digits: number): string {
  return value.toString(8).padStart(digits, '0');
}
