import { SaddlebagError } from '../../internal/error.ts';
import { quote } from '../guard.ts';
import { TAR_BLOCK } from './header.ts';

/** What a header block says about the entry behind it. */
export interface TarHeader {
  readonly path: string;
  /** bytes */
  readonly size: number;
  readonly type: 'file' | 'folder' | 'other';
  /** Why an entry of type `other` cannot be accepted. */
  readonly fault?: string | undefined;
  readonly hint?: string | undefined;
}

/** Types that are neither a plain file nor a folder (POSIX pax, "ustar Interchange Format"; GNU tar, `tar.h`; star). */
const OTHER_TYPES: Readonly<Record<string, string>> = {
  '1': 'it is a hard link',
  '2': 'it is a symbolic link',
  '3': 'it is a character device',
  '4': 'it is a block device',
  '6': 'it is a named pipe',
  '7': 'it is a contiguous file',
  x: 'it is a PAX extended header, which could give the next entry another name or size',
  X: 'it is a PAX extended header, which could give the next entry another name or size',
  g: 'it is a PAX global header, which could give every entry another name or size',
  L: 'it is a GNU long name, which would rename the next entry',
  K: 'it is a GNU long link name',
  S: 'it is a sparse file',
  M: 'it is the rest of a file from another tape',
  V: 'it is a tape label',
  D: 'it is a GNU dump folder',
};

/** Types that tar programs add by themselves, in their richer formats. */
const EXTENSIONS = 'xXgLK';
const PLAIN = 'If you packed the bundle again yourself, do it with: tar --format=ustar';

/**
 * Decodes one header block, stricter than a tar program would: whatever two programs might read in two ways is refused.
 * Returns `undefined` for a block of zeros, which ends an archive. `where` names the block in messages.
 *
 * @throws `ERR_ARCHIVE_INVALID`
 */
export function decodeTarHeader(block: Uint8Array, where: string): TarHeader | undefined {
  if (isZero(block)) return undefined;
  const bytes = Buffer.from(block.buffer, block.byteOffset, block.length);
  const fail = (fact: string): never => {
    throw new SaddlebagError('ERR_ARCHIVE_INVALID', `Cannot read tar header ${where}: ${fact}`);
  };
  if (checksumOf(bytes) !== number(bytes.subarray(148, 156))) fail('its checksum is wrong');
  const posix = bytes.toString('latin1', 257, 265) === 'ustar\x0000';
  const gnu = bytes.toString('latin1', 257, 265) === 'ustar  \0';
  if (!posix && !gnu) fail('it is not of the ustar format');
  // GNU keeps other things where POSIX has the front of the path; a program that mixes them up sees another path.
  if (gnu && !isZero(bytes.subarray(345, 500))) fail('it has GNU extensions');
  const name = text(bytes.subarray(0, 100)) ?? fail('its path is not clean text');
  const prefix = text(bytes.subarray(345, 500)) ?? fail('its path is not clean text');
  const size = number(bytes.subarray(124, 136)) ?? fail('its size is not a whole number');
  return { ...typeOf(bytes.toString('latin1', 156, 157), size), ...pathOf(prefix, name), size };
}

function typeOf(flag: string, size: number): Pick<TarHeader, 'type' | 'fault' | 'hint'> {
  if (flag === '0' || flag === '\0') return { type: 'file' };
  if (flag === '5' && size === 0) return { type: 'folder' };
  if (flag === '5') return { type: 'other', fault: 'it is a folder with content' };
  const fault = OTHER_TYPES[flag] ?? `it is of the unknown type ${quote(flag)}`;
  return { type: 'other', fault, ...(EXTENSIONS.includes(flag) ? { hint: PLAIN } : {}) };
}

/** `tar -C folder .` writes every path as `./path`; that much is allowed, because it means the same to everyone. */
function pathOf(prefix: string, name: string): Pick<TarHeader, 'path'> {
  const path = prefix === '' ? name : `${prefix}/${name}`;
  return { path: path.startsWith('./') ? path.slice(2) : path };
}

/** The sum of all bytes, those of the checksum itself counted as spaces. */
function checksumOf(bytes: Uint8Array): number {
  let sum = 8 * 0x20;
  for (const [index, byte] of bytes.entries()) if (index < 148 || index >= 156) sum += byte;
  return sum;
}

/** Octal digits with spaces or zero bytes around, or GNU's base-256; `undefined` for anything else and beyond 2^53. */
function number(field: Buffer): number | undefined {
  if (field[0] === 0x80) {
    const value = BigInt(`0x${field.toString('hex', 1)}`);
    return value <= Number.MAX_SAFE_INTEGER ? Number(value) : undefined;
  }
  const digits = /^ *([0-7]+)[ \0]*$/.exec(field.toString('latin1'))?.[1];
  const value = digits === undefined ? Number.NaN : Number.parseInt(digits, 8);
  return Number.isSafeInteger(value) ? value : undefined;
}

/** Text up to the first zero byte, behind which there may be nothing else. */
function text(field: Uint8Array): string | undefined {
  const end = field.indexOf(0);
  const used = end === -1 ? field : field.subarray(0, end);
  if (!isZero(field.subarray(used.length))) return undefined;
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(used);
  } catch {
    return undefined;
  }
}

/** Returns whether there is nothing but zeros. */
export function isZero(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 0);
}

/** Returns `size` rounded up to whole blocks (bytes). */
export function paddedSize(size: number): number {
  return Math.ceil(size / TAR_BLOCK) * TAR_BLOCK;
}
