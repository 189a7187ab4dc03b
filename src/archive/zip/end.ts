import { SaddlebagError } from '../../internal/error.ts';
import type { ByteReader } from '../../disk/byte-file.ts';

/** Signatures and sizes (bytes) of the records that end a zip (PKWARE APPNOTE 6.3.10, 4.3.14 to 4.3.16). */
export const ZIP_END = { signature: 0x06054b50, size: 22 } as const;
const LOCATOR = { signature: 0x07064b50, size: 20 } as const;
const END_64 = { signature: 0x06064b50, size: 56 } as const;
/** Size of all records that end a ZIP64 (bytes). */
export const ZIP64_END_SIZE: number = END_64.size + LOCATOR.size + ZIP_END.size;
/** Fields of two and of four bytes with these values refer to the ZIP64 record. */
export const ZIP64_SHORT = 0xffff;
export const ZIP64_LONG = 0xffffffff;

/** Fixed part of a record in the directory (bytes; APPNOTE, 4.3.12). */
export const ZIP_RECORD_SIZE = 46;
/** Most entries that are accepted: the directory is held in memory. */
const ENTRY_LIMIT = 1_000_000;

/** Where the directory of a zip is: right after the last entry, right before the records that end the file. */
export interface ZipEnd {
  /** How many entries the directory lists. */
  readonly count: number;
  /** of the directory (bytes) */
  readonly position: number;
  /** of the directory (bytes) */
  readonly size: number;
}

/**
 * Reads the records that end a zip, more strictly than a zip program would: they must be the very last bytes, with no
 * comment in which another end could hide, and both forms of a number must agree.
 *
 * @throws `ERR_ARCHIVE_INVALID`
 */
export async function readZipEnd(reader: ByteReader, name: string): Promise<ZipEnd> {
  const fail = (fact: string, hint?: string): never => {
    throw zipInvalid(name, fact, hint);
  };
  const start = Math.max(0, reader.size - ZIP64_END_SIZE);
  const tail = Buffer.from(await reader.read(start, reader.size - start));
  const end = tail.subarray(Math.max(0, tail.length - ZIP_END.size));
  if (end.length < ZIP_END.size || end.readUInt32LE(0) !== ZIP_END.signature) {
    fail(
      `its last ${ZIP_END.size} bytes are not the end of a zip: it is cut short, or a comment or something else follows`,
      'The copy was interrupted, or the medium is full: copy the bundle again.',
    );
  }
  if (end.readUInt32LE(4) !== 0) fail('it is one of several parts of a split zip');
  if (end.readUInt16LE(8) !== end.readUInt16LE(10)) fail('its end gives two different numbers of entries');
  if (end.readUInt16LE(20) !== 0) fail('its end announces a comment that is not there');
  const short = { count: end.readUInt16LE(10), size: end.readUInt32LE(12), position: end.readUInt32LE(16) };
  const long = decodeEnd64(tail, { start, fail });
  if (long !== undefined && !isSame(short, long)) fail('its end and its ZIP64 end contradict each other');
  const found = long ?? short;
  const behind = reader.size - (long === undefined ? ZIP_END.size : ZIP64_END_SIZE);
  if (found.position + found.size !== behind) fail('its directory is not where its end says');
  if (found.count > ENTRY_LIMIT) fail(`it has ${found.count} entries, more than the ${ENTRY_LIMIT} allowed`);
  if (found.count * ZIP_RECORD_SIZE > found.size)
    fail(`its directory has no room for ${found.count} entries`);
  return found;
}

/** Returns the error for a zip that is damaged as a whole. */
export function zipInvalid(name: string, fact: string, hint?: string, cause?: unknown): SaddlebagError {
  return new SaddlebagError('ERR_ARCHIVE_INVALID', `Cannot read archive "${name}": ${fact}`, { hint, cause });
}

/** Returns what the ZIP64 end says, or `undefined` if there is none. */
function decodeEnd64(
  tail: Buffer,
  { start, fail }: { readonly start: number; readonly fail: (fact: string) => never },
): ZipEnd | undefined {
  if (tail.length < ZIP_END.size + LOCATOR.size) return undefined;
  const locator = tail.subarray(tail.length - ZIP_END.size - LOCATOR.size);
  if (locator.readUInt32LE(0) !== LOCATOR.signature) return undefined;
  const isComplete = tail.length === ZIP64_END_SIZE && tail.readUInt32LE(0) === END_64.signature;
  // The record has 44 bytes after its size field, so it has no extension that only some programs know.
  const isPlain = isComplete && tail.readBigUInt64LE(4) === 44n;
  if (!isPlain || locator.readBigUInt64LE(8) !== BigInt(start))
    return fail('its ZIP64 end is not where it belongs');
  const isWhole = locator.readUInt32LE(4) === 0 && locator.readUInt32LE(16) === 1;
  if (!isWhole || tail.readBigUInt64LE(16) !== 0n) return fail('it is one of several parts of a split zip');
  if (tail.readBigUInt64LE(24) !== tail.readBigUInt64LE(32))
    return fail('its end gives two different numbers of entries');
  const [count, size, position] = [32, 40, 48].map((at) => Number(tail.readBigUInt64LE(at)));
  const values = { count: count ?? 0, size: size ?? 0, position: position ?? 0 };
  if (Object.values(values).every(Number.isSafeInteger)) return values;
  return fail('its end has a number that no size reaches');
}

/** A number that fits into its short field may be there as well; then both must agree. */
function isSame(short: ZipEnd, long: ZipEnd): boolean {
  return (
    (short.count === ZIP64_SHORT || short.count === long.count) &&
    (short.size === ZIP64_LONG || short.size === long.size) &&
    (short.position === ZIP64_LONG || short.position === long.position)
  );
}
