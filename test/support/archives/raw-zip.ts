import { crc32 } from 'node:zlib';

/** Fields that an entry has twice: in its local header and in the directory (PKWARE APPNOTE, 4.3.7 and 4.3.12). */
interface RawZipFields {
  /** Version of the format that a reader has to know. */
  readonly needed: number;
  readonly flags: number;
  readonly method: number;
  readonly crc: number;
  /** Compressed size (bytes). */
  readonly stored: number;
  /** bytes */
  readonly size: number;
  readonly name: string | Uint8Array;
  readonly extra: Uint8Array;
}

/** An entry of a zip made by hand, as wrong as a test wants it. */
export interface RawZipEntry {
  readonly path: string;
  readonly bytes?: Uint8Array | string;
  /** What both headers say instead of the truth. */
  readonly both?: Partial<RawZipFields>;
  readonly local?: Partial<RawZipFields>;
  readonly central?: Partial<RawZipFields> & {
    /** Where the local header is said to be. */
    readonly header?: number;
    /** External attributes. */
    readonly attributes?: number;
    readonly madeBy?: number;
    /** Part of a split zip that it is said to begin in. */
    readonly disk?: number;
    readonly comment?: string;
  };
  /** What follows the content, such as a descriptor. */
  readonly behind?: Uint8Array;
}

/** What the end of the zip says instead of the truth. */
interface RawZipEnd {
  readonly disk: number;
  readonly countHere: number;
  readonly count: number;
  readonly size: number;
  readonly position: number;
  readonly commentLength: number;
}

interface RawZipOptions {
  readonly before?: Uint8Array;
  /** Between the last entry and the directory. */
  readonly gap?: Uint8Array;
  readonly end?: Partial<RawZipEnd>;
  /** Adds the records of a ZIP64; in its fields, what they say instead of the truth. */
  readonly zip64?: Partial<
    RawZipEnd & { readonly recordSize: number; readonly record: number; readonly disks: number }
  >;
  readonly behind?: Uint8Array;
}

/** Mode of a plain file in the attributes of Unix. */
const PLAIN = 0o100644;

/** Returns a zip of the entries. */
export function rawZip(entries: readonly RawZipEntry[], options: RawZipOptions = {}): Buffer {
  const parts: Buffer[] = [Buffer.from(options.before ?? '')];
  const records: Buffer[] = [];
  let position = parts[0]?.length ?? 0;
  for (const entry of entries) {
    const local = Buffer.concat([rawLocal(entry), contentOf(entry), Buffer.from(entry.behind ?? '')]);
    records.push(rawRecord(entry, position));
    parts.push(local);
    position += local.length;
  }
  const gap = Buffer.from(options.gap ?? '');
  const directory = Buffer.concat(records);
  const truth = {
    disk: 0,
    countHere: entries.length,
    count: entries.length,
    size: directory.length,
    position: position + gap.length,
    commentLength: 0,
  };
  const end64 = options.zip64 === undefined ? Buffer.alloc(0) : rawEnd64(truth, options.zip64);
  return Buffer.concat([
    ...parts,
    gap,
    directory,
    end64,
    rawEnd({ ...truth, ...options.end }),
    Buffer.from(options.behind ?? ''),
  ]);
}

/** Returns the descriptor behind the content of an entry; `large` for sizes of eight bytes. */
export function rawDescriptor(
  bytes: Uint8Array | string,
  form: {
    readonly signed?: boolean;
    readonly large?: boolean;
    readonly size?: number;
    readonly crc?: number;
  } = {},
): Buffer {
  const size = form.size ?? Buffer.byteLength(bytes);
  const values = form.large === true ? [long(size), long(size)] : [int(size), int(size)];
  const signature = form.signed === false ? [] : [int(0x08074b50)];
  return Buffer.concat([...signature, int(form.crc ?? crc32(bytes)), ...values]);
}

/** Returns an extra field. */
export function rawExtra(id: number, data: Uint8Array): Buffer {
  return Buffer.concat([short(id), short(data.length), data]);
}

/** Returns the ZIP64 numbers of an entry as an extra field. */
export function rawZip64Extra(...numbers: readonly number[]): Buffer {
  return rawExtra(1, Buffer.concat(numbers.map(long)));
}

function contentOf(entry: RawZipEntry): Buffer {
  return Buffer.from(entry.bytes ?? '');
}

function fieldsOf(entry: RawZipEntry, own: Partial<RawZipFields> = {}): RawZipFields {
  const content = contentOf(entry);
  const truth = {
    needed: 20,
    flags: 0x800,
    method: 0,
    crc: crc32(content),
    stored: content.length,
    size: content.length,
  };
  return { ...truth, name: entry.path, extra: Buffer.alloc(0), ...entry.both, ...own };
}

function rawLocal(entry: RawZipEntry): Buffer {
  const fields = fieldsOf(entry, entry.local);
  return Buffer.concat([int(0x04034b50), ...rawFields(fields), Buffer.from(fields.name), fields.extra]);
}

function rawRecord(entry: RawZipEntry, position: number): Buffer {
  const fields = fieldsOf(entry, entry.central);
  const { header = position, attributes = PLAIN * 65_536, comment = '' } = entry.central ?? {};
  const { madeBy = 0x314, disk = 0 } = entry.central ?? {};
  const rest = [short(comment.length), short(disk), short(0), int(attributes), int(header)];
  const fixed = [int(0x02014b50), short(madeBy), ...rawFields(fields), ...rest];
  return Buffer.concat([...fixed, Buffer.from(fields.name), fields.extra, Buffer.from(comment)]);
}

function rawFields({ needed, flags, method, crc, stored, size, name, extra }: RawZipFields): Buffer[] {
  // 1980-01-01 00:00:00
  const moment = [short(0), short(0x21)];
  const lengths = [short(Buffer.byteLength(name)), short(extra.length)];
  return [
    short(needed),
    short(flags),
    short(method),
    ...moment,
    int(crc),
    int(stored),
    int(size),
    ...lengths,
  ];
}

function rawEnd({ disk, countHere, count, size, position, commentLength }: RawZipEnd): Buffer {
  const counts = [short(disk), short(0), short(countHere), short(count)];
  return Buffer.concat([int(0x06054b50), ...counts, int(size), int(position), short(commentLength)]);
}

function rawEnd64(truth: RawZipEnd, lies: NonNullable<RawZipOptions['zip64']>): Buffer {
  const { disk, countHere, count, size, position } = { ...truth, ...lies };
  const counts = [int(disk), int(0), long(countHere), long(count)];
  const versions = [short(45), short(45)];
  const record = [
    int(0x06064b50),
    long(lies.recordSize ?? 44),
    ...versions,
    ...counts,
    long(size),
    long(position),
  ];
  const place = lies.record ?? truth.position + truth.size;
  const locator = [int(0x07064b50), int(0), long(place), int(lies.disks ?? 1)];
  return Buffer.concat([...record, ...locator]);
}

function short(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16LE(value & 0xffff);
  return bytes;
}

function int(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value >>> 0);
  return bytes;
}

function long(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
}
