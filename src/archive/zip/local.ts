import { equalBytes } from '../../internal/bytes.ts';
import type { ByteReader } from '../../disk/byte-file.ts';
import { entryInvalid } from '../../internal/path/guard.ts';
import { faultOfMode } from '../mode.ts';
import { LOCAL_HEADER_SIZE, type ZipEntry } from './directory.ts';
import { ZIP64_LONG } from './end.ts';
import { decodeExtras, faultOfExtras, zip64Numbers } from './extras.ts';
import { NEEDED_LIMIT, STORED, ZIP_FLAG } from './record.ts';

const SIGNATURE = 0x04034b50;
const DESCRIPTOR_SIGNATURE = 0x08074b50;

/**
 * Compares the local header of an entry, and the bytes after its content, with the directory: a program that reads from
 * front to back must see the same. Returns where the content begins (bytes).
 *
 * @throws `ERR_ARCHIVE_INVALID`, `ERR_DISK_FAILED`
 */
export async function locateZipContent(reader: ByteReader, entry: ZipEntry): Promise<number> {
  const fail = (fact: string): never => {
    throw entryInvalid(entry.path, fact);
  };
  const { name, header, size, end } = entry;
  const fixed = Buffer.from(await reader.read(header, LOCAL_HEADER_SIZE + name.length));
  const isHeader = fixed.length === LOCAL_HEADER_SIZE + name.length && fixed.readUInt32LE(0) === SIGNATURE;
  if (!isHeader) return fail(`there is no header at byte ${header}, where the directory says`);
  const flags = fixed.readUInt16LE(6);
  if (flags !== entry.flags) fail('its header has other flags than the directory');
  if (fixed.readUInt16LE(4) > NEEDED_LIMIT) fail('it needs a later version of the format than 4.5');
  if (fixed.readUInt16LE(8) !== STORED)
    fail('its header says that it is compressed, and the directory does not');
  if (fixed.readUInt16LE(26) !== name.length || !equalBytes(fixed.subarray(LOCAL_HEADER_SIZE), name)) {
    fail('its header has another name than the directory');
  }
  const position = header + fixed.length + fixed.readUInt16LE(28);
  const behind = position + size;
  if (behind > end) fail('it does not fit between its header and what follows');
  const extraLength = position - header - fixed.length;
  // Our own zips have none, and every read costs time on a slow stick.
  const extra =
    extraLength === 0 ? Buffer.alloc(0) : Buffer.from(await reader.read(header + fixed.length, extraLength));
  const isLater = (flags & ZIP_FLAG.descriptor) !== 0;
  const fault = faultOfNumbers(entry, { fixed, extra, isLater });
  if (fault !== undefined) fail(fault);
  const rest = Buffer.from(await reader.read(behind, Math.min(end - behind, 32)));
  if (isLater ? !isDescriptor(rest, entry) : behind !== end) {
    fail('the bytes after its content belong to nothing');
  }
  const unusable = entry.mode === undefined ? undefined : faultOfMode(entry.mode, entry);
  if (unusable !== undefined) fail(unusable);
  return position;
}

/** With a descriptor, the numbers may be only there, and zero in the header (4.4.4, bit 3). */
function faultOfNumbers(
  { crc, size }: ZipEntry,
  local: { readonly fixed: Buffer; readonly extra: Buffer; readonly isLater: boolean },
): string | undefined {
  const { fixed, extra, isLater } = local;
  const extras = decodeExtras(extra);
  if (extras === undefined) return 'its header has broken extra fields';
  const large = zip64Numbers(extras);
  const isCrc = (found: number): boolean => found === crc || (isLater && found === 0);
  const isSize = (found: number): boolean =>
    found === size || (isLater && found === 0) || (found === ZIP64_LONG && large !== undefined);
  if (!isCrc(fixed.readUInt32LE(14))) return 'its header has another checksum than the directory';
  const isSame = isSize(fixed.readUInt32LE(18)) && isSize(fixed.readUInt32LE(22));
  if (!isSame) return 'its header has another size than the directory';
  return faultOfExtras(extras, isLater ? [size, size, 0, 0] : [size, size]);
}

/** Checksum and sizes of four or, in ZIP64, eight bytes, with or without a signature (4.3.9). */
function isDescriptor(bytes: Buffer, { crc, size }: ZipEntry): boolean {
  const isSigned =
    bytes.length % 8 === 0 && bytes.length > 0 && bytes.readUInt32LE(0) === DESCRIPTOR_SIGNATURE;
  const values = isSigned ? bytes.subarray(4) : bytes;
  if (values.length !== 12 && values.length !== 20) return false;
  if (values.readUInt32LE(0) !== crc) return false;
  if (values.length === 20) {
    return values.readBigUInt64LE(4) === BigInt(size) && values.readBigUInt64LE(12) === BigInt(size);
  }
  return size <= ZIP64_LONG && values.readUInt32LE(4) === size && values.readUInt32LE(8) === size;
}
