import { SaddlebagError } from '../../internal/error.ts';
import { quote } from '../../internal/quote.ts';
import { faultOfMode } from '../mode.ts';
import { TAR_BLOCK } from './header.ts';

/** What a header block says about the entry behind it. */
export interface TarHeader {
  /** A folder's path has no slash at its end; the top folder's path is empty. */
  readonly path: string;
  /** bytes */
  readonly size: number;
  readonly type: 'file' | 'folder' | 'other';
  /** Why the entry cannot be accepted. */
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

/** Types that tar programs add in their extended formats. */
const EXTENSIONS = 'xXgLK';
const PLAIN = 'If you packed the bundle again yourself, do it with: tar --format=ustar';

/**
 * Decodes one header block, more strictly than a tar program would: anything that two programs might read differently
 * is refused. Returns `undefined` for a block of zeros, which ends an archive. `where` names the block in messages.
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
  // GNU stores other data where POSIX has the prefix of the path; a program that confuses the two sees another path.
  if (gnu && !isZero(bytes.subarray(345, 500))) fail('it has GNU extensions');
  const name = text(bytes.subarray(0, 100)) ?? fail('its path is not clean text');
  const prefix = text(bytes.subarray(345, 500)) ?? fail('its path is not clean text');
  const size = number(bytes.subarray(124, 136)) ?? fail('its size is not a whole number');
  const mode = number(bytes.subarray(100, 108)) ?? fail('its mode is not a whole number');
  // We do not need these, but if one is not a number, some programs take the header for the end of the archive.
  if (!UNUSED.every(([start, end]) => isNumberOrEmpty(bytes.subarray(start, end))))
    fail('its owner, group, time or device is not a whole number');
  const type = typeOf(bytes.toString('latin1', 156, 157), size);
  const empty = prefix === '' && name === '' ? 'the path is empty' : undefined;
  const fault = empty ?? faultOfMode(mode, { isFolder: type.type === 'folder' });
  return { fault, ...type, path: pathOf(type.type, prefix, name), size };
}

/** Positions of the owner, the group, the time and both device numbers (bytes, from and to). */
const UNUSED: readonly (readonly [start: number, end: number])[] = [
  [108, 116],
  [116, 124],
  [136, 148],
  [329, 337],
  [337, 345],
];

function typeOf(flag: string, size: number): Pick<TarHeader, 'type' | 'fault' | 'hint'> {
  if (flag === '0' || flag === '\0') return { type: 'file' };
  if (flag === '5' && size === 0) return { type: 'folder' };
  if (flag === '5') return { type: 'other', fault: 'it is a folder with content' };
  const fault = OTHER_TYPES[flag] ?? `it is of the unknown type ${quote(flag)}`;
  return { type: 'other', fault, hint: EXTENSIONS.includes(flag) ? PLAIN : undefined };
}

/** `tar -C folder .` writes every path as `./path`; that is allowed, because it means the same to every program. */
function pathOf(type: TarHeader['type'], prefix: string, name: string): string {
  const whole = prefix === '' ? name : `${prefix}/${name}`;
  const path = whole.startsWith('./') ? whole.slice(2) : whole;
  if (type !== 'folder') return path;
  return path === '.' ? '' : path.replace(/(?<=.)\/$/s, '');
}

/** The sum of all bytes, with those of the checksum itself counted as spaces. */
function checksumOf(bytes: Uint8Array): number {
  let sum = 8 * 0x20;
  for (let at = 0; at < bytes.length; at++) if (at < 148 || at >= 156) sum += bytes[at] ?? 0;
  return sum;
}

const [SPACE, ZERO, SEVEN] = [0x20, 0x30, 0x37];

/**
 * Octal digits between optional spaces, ended by spaces or zero bytes, or GNU's base-256; `undefined` for anything else
 * and for numbers beyond 2^53.
 */
function number(field: Buffer): number | undefined {
  if (field[0] === 0x80) {
    const value = BigInt(`0x${field.toString('hex', 1)}`);
    return value <= Number.MAX_SAFE_INTEGER ? Number(value) : undefined;
  }
  let at = 0;
  while (field[at] === SPACE) at++;
  const start = at;
  let value = 0;
  for (let digit = field[at] ?? 0; digit >= ZERO && digit <= SEVEN; digit = field[++at] ?? 0)
    value = value * 8 + digit - ZERO;
  if (at === start) return undefined;
  while (field[at] === SPACE || field[at] === 0) at++;
  return at === field.length && Number.isSafeInteger(value) ? value : undefined;
}

/** Programs leave fields empty that they do not use. */
function isNumberOrEmpty(field: Buffer): boolean {
  return number(field) !== undefined || isZero(field);
}

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Text up to the first zero byte; nothing else may follow it. */
function text(field: Uint8Array): string | undefined {
  const end = field.indexOf(0);
  const used = end === -1 ? field : field.subarray(0, end);
  if (!isZero(field.subarray(used.length))) return undefined;
  try {
    return UTF8.decode(used);
  } catch {
    return undefined;
  }
}

/** Returns whether all bytes are zero. */
export function isZero(bytes: Uint8Array): boolean {
  for (let at = 0; at < bytes.length; at++) if (bytes[at] !== 0) return false;
  return true;
}

/** Returns `size` rounded up to whole blocks (bytes). */
export function paddedSize(size: number): number {
  return Math.ceil(size / TAR_BLOCK) * TAR_BLOCK;
}
