import type { ArchiveEntry } from '../archive.ts';
import { ZIP64_LONG } from './end.ts';
import { decodeExtras, type ExtraField, faultOfExtras, zip64Numbers } from './extras.ts';
import type { RawZipRecord } from './records.ts';

/** Bits of the general purpose flag (PKWARE APPNOTE 6.3.10, 4.4.4). */
export const ZIP_FLAG = {
  encrypted: 0x1,
  descriptor: 0x8,
  patch: 0x20,
  strong: 0x40,
  utf8: 0x800,
  masked: 0x2000,
} as const;
/** The only method we accept: content stored as it is. */
export const STORED = 0;
/**
 * Newest version of the format that a stored entry needs: 4.5, for ZIP64 (4.4.3). Programs skip entries that need a
 * later one.
 */
export const NEEDED_LIMIT = 45;

/** Upper byte of the version an entry was made by: with this value, the mode is always a Unix one (4.4.2). */
const UNIX = 3;
/** Upper half of the external attributes where Unix wrote them: type and mode of the file (stat(2)). */
const TYPE = { mask: 0o170000, none: 0, folder: 0o040000, file: 0o100000, link: 0o120000 } as const;
/** Lower half: attributes of DOS. */
const DOS_FOLDER = 0x10;

const DEFLATED = 8;

const STORE_HINT =
  'Pack it again without compression and encryption (zip -0 -X -r, or the level "Store" of 7-Zip), or unpack it into a folder and give that.';
const UNPACK_HINT = `Make a bundle of it again with "bundle convert". ${STORE_HINT}`;

/** What the directory of a zip says about an entry. */
export interface ZipRecord extends ArchiveEntry {
  readonly isFolder: boolean;
  /** As stored in the archive: a folder's name ends in a slash. */
  readonly name: Uint8Array;
  /** Size in the archive (bytes); the same as that of the content unless it is compressed. */
  readonly stored: number;
  /** of its local header (bytes) */
  readonly header: number;
  /** of its record in the directory (bytes) */
  readonly record: number;
  readonly crc: number;
  readonly flags: number;
  /** The mode of the unpacked file (stat(2)); left out if the entry has none. */
  readonly mode: number | undefined;
  /** Why it cannot be accepted. */
  readonly fault?: { readonly fact: string; readonly hint?: string } | undefined;
}

/** Returns what a record of the directory says, and what is wrong with it by itself. */
export function decodeZipRecord(raw: RawZipRecord): ZipRecord {
  const text = decodeName(raw);
  const isFolder = text.endsWith('/');
  const extras = decodeExtras(raw.extra);
  const [size, stored, header] = trueNumbers([raw.size, raw.stored, raw.header], zip64Numbers(extras ?? []));
  const record = {
    path: isFolder ? text.slice(0, -1) : text,
    size: size ?? raw.size,
    isFolder,
    name: raw.name,
    stored: stored ?? raw.stored,
    header: header ?? raw.header,
    record: raw.position,
    crc: raw.crc,
    flags: raw.flags,
    mode: modeOf(raw),
  };
  const isWhole = size !== undefined && stored !== undefined && header !== undefined;
  const broken = extras === undefined ? 'its extra fields are broken' : 'its ZIP64 numbers are missing';
  return {
    ...record,
    fault: extras === undefined || !isWhole ? { fact: broken } : faultOf(raw, { record, extras }),
  };
}

/** A field with the maximum value stands for the next large number (4.5.3); `undefined` if there is none. */
function trueNumbers(
  fields: readonly number[],
  large: readonly number[] = [],
): readonly (number | undefined)[] {
  let next = 0;
  return fields.map((field) => (field === ZIP64_LONG ? large[next++] : field));
}

function faultOf(
  raw: RawZipRecord,
  { record, extras }: { readonly record: Omit<ZipRecord, 'fault'>; readonly extras: readonly ExtraField[] },
): ZipRecord['fault'] {
  const { flags, stored, size, isFolder } = record;
  const { encrypted, patch, strong, masked } = ZIP_FLAG;
  if ((flags & (encrypted | strong | masked)) !== 0) return { fact: 'it is encrypted', hint: STORE_HINT };
  if ((flags & patch) !== 0) return { fact: 'it is a patch of another file' };
  if (raw.method !== STORED)
    return { fact: 'it is compressed', hint: raw.method === DEFLATED ? UNPACK_HINT : STORE_HINT };
  if (raw.needed > NEEDED_LIMIT) return { fact: 'it needs a later version of the format than 4.5' };
  if (raw.disk !== 0) return { fact: 'it lies in another part of a split zip' };
  if (stored !== size)
    return { fact: `it is not compressed, and has ${stored} bytes here and ${size} unpacked` };
  if (!isClean(raw)) return { fact: 'its name is not in UTF-8, or not marked as such' };
  const fact =
    faultOfType(raw, isFolder) ??
    (isFolder && size > 0 ? 'it is a folder with content' : undefined) ??
    // For a folder with an empty name, programs create the folder they unpack into, or the root of the disk.
    (isFolder && record.path === '' ? 'the path is empty' : undefined) ??
    faultOfExtras(extras, [size, stored, record.header]);
  return fact === undefined ? undefined : { fact };
}

function faultOfType({ attributes }: RawZipRecord, isFolder: boolean): string | undefined {
  const mode = attributes >>> 16;
  const type = mode & TYPE.mask;
  if (type === TYPE.link) return 'it is a symbolic link';
  const isDosFolder = (attributes & DOS_FOLDER) !== 0;
  if (isFolder ? type !== TYPE.none && type !== TYPE.folder : isDosFolder || type === TYPE.folder) {
    return 'it is a folder and a file at once';
  }
  const isRegular = isFolder || type === TYPE.none || type === TYPE.file;
  return isRegular ? undefined : 'it is not a regular file';
}

/** In an entry that was not made on Unix, zero means that there is no mode. */
function modeOf({ attributes, madeBy }: RawZipRecord): number | undefined {
  const mode = attributes >>> 16;
  return mode === 0 && madeBy >>> 8 !== UNIX ? undefined : mode;
}

/** A name that is not clean is for messages only. */
function decodeName(raw: RawZipRecord): string {
  return isClean(raw) ? raw.name.toString() : raw.name.toString('latin1');
}

/**
 * Without the UTF-8 flag, the meaning of a name beyond ASCII depends on the program (4.4.4, bit 11, and appendix D).
 */
function isClean({ name, flags }: RawZipRecord): boolean {
  if (name.every((byte) => byte < 0x80)) return true;
  try {
    new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(name);
    return (flags & ZIP_FLAG.utf8) !== 0;
  } catch {
    return false;
  }
}
