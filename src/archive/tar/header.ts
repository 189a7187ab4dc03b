import { Header } from 'tar';
import { SaddlebagError } from '../../internal/error.ts';

/** A tar consists of blocks of this many bytes: one for a header, as many as needed for content (POSIX ustar). */
export const TAR_BLOCK = 512;

/**
 * Returns the ustar header block (512 bytes) of a plain file, a function of path and size (bytes) alone: mode 0644, owner
 * and group 0 without names, modification time 0. A size of 8 GiB or more does not fit in octal digits and is written in
 * GNU's base-256, which GNU tar, bsdtar, Go and Python read.
 *
 * @throws `ERR_INTERNAL_BUG` for a path that would need more than a ustar header
 */
export function encodeTarHeader(path: string, size: number): Uint8Array {
  if (!/^[\x21-\x7e]{1,99}$/.test(path)) {
    throw new SaddlebagError(
      'ERR_INTERNAL_BUG',
      `Cannot encode tar header of "${path}": it is no plain path`,
    );
  }
  // Read from a block of noughts, so that every number is 0, and so is the time: this room knows no clock to ask for one.
  const header = new Header(Buffer.alloc(TAR_BLOCK, '0'));
  header.path = path;
  header.linkpath = '';
  header.type = 'File';
  header.mode = 0o644;
  header.size = size;
  const block = Buffer.alloc(TAR_BLOCK);
  header.encode(block);
  return block;
}
