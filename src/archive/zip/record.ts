import { type Entry, type ExtraField, parseExtraFields } from 'yauzl';
import type { ArchiveEntry } from '../archive.ts';
import { faultOfPath } from '../guard.ts';

/** Bits of the general purpose flag (PKWARE APPNOTE 6.3.10, 4.4.4). */
export const ZIP_FLAG = {
  encrypted: 0x1,
  descriptor: 0x8,
  patch: 0x20,
  strong: 0x40,
  utf8: 0x800,
  masked: 0x2000,
} as const;
/** The one method we take: content as it is. */
export const STORED = 0;
/** Extra fields (4.5.2, 4.6): the large numbers of an entry, and a second name for it. */
const EXTRA = { zip64: 0x0001, unicodePath: 0x7075 } as const;

/** Upper half of the external attributes where Unix wrote them: type of the file (stat(2)). */
const TYPE = { mask: 0o170000, none: 0, folder: 0o040000, file: 0o100000, link: 0o120000 } as const;
/** Lower half: attributes of DOS. */
const DOS_FOLDER = 0x10;

const STORE_HINT =
  'Pack it again without compression and encryption (zip -0 -X -r, or the level "Store" of 7-Zip), or unpack it into a folder and give that.';

/** What the directory of a zip says about an entry. */
export interface ZipRecord extends ArchiveEntry {
  readonly isFolder: boolean;
  /** As it is in the archive: a folder's ends in a slash. */
  readonly name: Uint8Array;
  /** Bytes it takes in the archive; those of its content unless it is compressed. */
  readonly stored: number;
  /** of its local header (bytes) */
  readonly header: number;
  readonly crc: number;
  readonly flags: number;
  /** Why it cannot be accepted. */
  readonly fault?: { readonly fact: string; readonly hint?: string | undefined } | undefined;
}

/** Returns what a record of the directory says, and what is wrong with it by itself. */
export function decodeZipRecord(entry: Entry): ZipRecord {
  const text = decodeName(entry);
  const isFolder = text.endsWith('/');
  const record = {
    path: isFolder ? text.slice(0, -1) : text,
    size: entry.uncompressedSize,
    isFolder,
    name: entry.fileNameRaw,
    stored: entry.compressedSize,
    header: entry.relativeOffsetOfLocalHeader,
    crc: entry.crc32,
    flags: entry.generalPurposeBitFlag,
  };
  return { ...record, fault: faultOf(entry, record) };
}

/** Returns what is wrong with the extra fields of an entry, whose true numbers are `values` in the order of the format. */
export function faultOfExtras(fields: readonly ExtraField[], values: readonly number[]): string | undefined {
  if (fields.some(({ id }) => id === EXTRA.unicodePath))
    return 'it has a second name, which some programs prefer';
  if (fields.filter(({ id }) => id === EXTRA.zip64).length > 1) return 'it has two sets of ZIP64 numbers';
  let next = 0;
  for (const number of zip64Numbers(fields) ?? []) {
    // A number that fits into its short field may be left out; whatever is here must be one of them.
    const found = values.indexOf(number, next);
    if (found === -1) return 'its ZIP64 numbers contradict the others';
    next = found + 1;
  }
  return undefined;
}

/** Returns the numbers of eight bytes among the extra fields, or `undefined` where there is no place for them. */
export function zip64Numbers(fields: readonly ExtraField[]): readonly number[] | undefined {
  const data = fields.find(({ id }) => id === EXTRA.zip64)?.data;
  if (data === undefined) return undefined;
  return Array.from({ length: Math.floor(data.length / 8) }, (_, index) =>
    Number(data.readBigUInt64LE(index * 8)),
  );
}

/** Returns the extra fields in these bytes, or `undefined` when they are none. */
export function decodeExtras(bytes: Buffer): readonly ExtraField[] | undefined {
  try {
    return parseExtraFields(bytes);
  } catch {
    return undefined;
  }
}

function faultOf(entry: Entry, record: Omit<ZipRecord, 'fault'>): ZipRecord['fault'] {
  const { flags, stored, size, path, isFolder } = record;
  const { encrypted, patch, strong, masked } = ZIP_FLAG;
  if ((flags & (encrypted | strong | masked)) !== 0) return { fact: 'it is encrypted', hint: STORE_HINT };
  if ((flags & patch) !== 0) return { fact: 'it is a patch of another file' };
  if (entry.compressionMethod !== STORED) return { fact: 'it is compressed', hint: STORE_HINT };
  if (stored !== size)
    return { fact: `it is not compressed, and has ${stored} bytes here and ${size} unpacked` };
  if (!isClean(entry)) return { fact: 'its name is not in UTF-8, or not marked as such' };
  const fact =
    faultOfType(entry, isFolder) ??
    (isFolder && size > 0 ? 'it is a folder with content' : undefined) ??
    faultOfExtras(entry.extraFields, [size, stored, record.header]) ??
    // A file is looked at together with all others.
    (isFolder ? faultOfPath(path) : undefined);
  return fact === undefined ? undefined : { fact };
}

function faultOfType({ externalFileAttributes }: Entry, isFolder: boolean): string | undefined {
  const type = (externalFileAttributes >>> 16) & TYPE.mask;
  if (type === TYPE.link) return 'it is a symbolic link';
  const isDosFolder = (externalFileAttributes & DOS_FOLDER) !== 0;
  if (isFolder ? type !== TYPE.none && type !== TYPE.folder : isDosFolder || type === TYPE.folder) {
    return 'it is a folder and a file at once';
  }
  const isRegular = isFolder || type === TYPE.none || type === TYPE.file;
  return isRegular ? undefined : 'it is not a regular file';
}

/** What is not clean is for messages only. */
function decodeName(entry: Entry): string {
  return isClean(entry) ? Buffer.from(entry.fileNameRaw).toString() : entry.fileNameRaw.toString('latin1');
}

/** Without the mark, what a name means beyond ASCII depends on the program (4.4.4, bit 11, and appendix D). */
function isClean({ fileNameRaw, generalPurposeBitFlag }: Entry): boolean {
  if (fileNameRaw.every((byte) => byte < 0x80)) return true;
  try {
    new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(fileNameRaw);
    return (generalPurposeBitFlag & ZIP_FLAG.utf8) !== 0;
  } catch {
    return false;
  }
}
