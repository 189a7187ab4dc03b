import { SaddlebagError } from '../../internal/error.ts';
import { ZIP64_LONG, ZIP64_SHORT } from './end.ts';

/**
 * The records of the zips that we write (PKWARE APPNOTE 6.3.10, 4.3): stored entries with what follows from the content behind it.
 * `bundle-spec/shapes.md` has them byte by byte.
 */

/** Version of the format that a reader has to support (4.4.3): 2.0, and 4.5 for large numbers. */
const NEEDED = { plain: 20, large: 45 } as const;
/** Made on Unix, by version 4.5 (4.4.2). */
const MADE_BY = 0x032d;
/** Checksum and sizes follow the content (4.4.4, bit 3). */
const FLAGS = 0x0008;
/** 1980-01-01 00:00:00, the earliest time the format can express (4.4.6). */
const [TIME, DATE] = [0, 0x0021];
/** A plain file of mode 0644, and the archive bit of DOS (4.4.15). */
const ATTRIBUTES = 0x81a40020;

/** What is written after the content of an entry, and into the directory. */
export interface WrittenEntry {
  readonly path: string;
  /** bytes */
  readonly size: number;
  readonly crc: number;
  /** of its local header (bytes) */
  readonly header: number;
}

/** Where the directory is, and what it lists. */
export interface WrittenDirectory {
  readonly count: number;
  /** bytes */
  readonly position: number;
  /** bytes */
  readonly size: number;
}

/** Returns a local header (4.3.7). @throws `ERR_INTERNAL_BUG` for a path that is not plain */
export function encodeLocalHeader(path: string): Uint8Array {
  if (!/^[\x21-\x7e]{1,99}$/.test(path)) {
    throw new SaddlebagError(
      'ERR_INTERNAL_BUG',
      `Cannot encode zip header of "${path}": it is not a plain path`,
    );
  }
  const fixed = [
    int(0x04034b50),
    ...common(NEEDED.plain),
    int(0),
    int(0),
    int(0),
    short(path.length),
    short(0),
  ];
  return Buffer.concat([...fixed, Buffer.from(path)]);
}

/** Returns what follows the content of an entry (4.3.9). */
export function encodeDescriptor({ crc, size }: WrittenEntry): Uint8Array {
  const number = size > ZIP64_LONG ? long : int;
  return Buffer.concat([int(0x08074b50), int(crc), number(size), number(size)]);
}

/** Returns the record of an entry in the directory (4.3.12). */
export function encodeRecord({ path, size, crc, header }: WrittenEntry): Uint8Array {
  const isLarge = size > ZIP64_LONG || header > ZIP64_LONG;
  const extra = isLarge ? [short(1), short(24), long(size), long(size), long(header)] : [];
  const number = (value: number): Buffer => int(isLarge ? ZIP64_LONG : value);
  return Buffer.concat([
    int(0x02014b50),
    short(MADE_BY),
    ...common(isLarge ? NEEDED.large : NEEDED.plain),
    int(crc),
    number(size),
    number(size),
    short(path.length),
    short(isLarge ? 28 : 0),
    short(0),
    short(0),
    short(0),
    int(ATTRIBUTES),
    number(header),
    Buffer.from(path),
    ...extra,
  ]);
}

/** Returns the records that end a zip: three for a ZIP64 (4.3.14 to 4.3.16), otherwise one. */
export function encodeEnd(directory: WrittenDirectory, isZip64: boolean): Uint8Array {
  const { count, position, size } = directory;
  const short16 = short(isZip64 ? ZIP64_SHORT : count);
  const [size32, position32] = [size, position].map((value) => int(isZip64 ? ZIP64_LONG : value));
  const counts = [short(0), short(0), short16, short16];
  const end = Buffer.concat([int(0x06054b50), ...counts, size32 ?? int(0), position32 ?? int(0), short(0)]);
  if (!isZip64) return end;
  const versions = [short(NEEDED.large), short(NEEDED.large)];
  const numbers = [count, count, size, position].map(long);
  return Buffer.concat([
    int(0x06064b50),
    long(44),
    ...versions,
    int(0),
    int(0),
    ...numbers,
    int(0x07064b50),
    int(0),
    long(position + size),
    int(1),
    end,
  ]);
}

/** Version needed, flags, method and time are the same in a header and in the directory. */
function common(needed: number): readonly Buffer[] {
  return [short(needed), short(FLAGS), short(0), short(TIME), short(DATE)];
}

function short(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16LE(value);
  return bytes;
}

function int(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

function long(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
}
