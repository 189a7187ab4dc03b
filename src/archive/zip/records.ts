import type { ByteReader } from '../../disk/byte-file.ts';
import { ZIP_RECORD_SIZE, type ZipEnd, zipInvalid } from './end.ts';

const SIGNATURE = 0x02014b50;
/** Records have about a hundred bytes each, and 200 kB at most, so they are read in pieces of this size (bytes). */
const WINDOW = 256 * 1024;

/** A record of the directory, undecoded (PKWARE APPNOTE 6.3.10, 4.3.12). */
export interface RawZipRecord {
  /** of the record itself (bytes) */
  readonly position: number;
  readonly madeBy: number;
  /** Version of the format that a reader has to support. */
  readonly needed: number;
  readonly flags: number;
  readonly method: number;
  readonly crc: number;
  /** Compressed size (bytes). */
  readonly stored: number;
  /** bytes */
  readonly size: number;
  /** Part of a split zip in which the entry begins. */
  readonly disk: number;
  /** External attributes, which tell whether an entry is a folder or a link. */
  readonly attributes: number;
  /** of the local header (bytes) */
  readonly header: number;
  readonly name: Buffer;
  readonly extra: Buffer;
}

/**
 * Yields every record of the directory of a zip, undecoded.
 *
 * @throws `ERR_ARCHIVE_INVALID` when it is broken, or is not exactly as long as the end of the zip says; `ERR_DISK_FAILED`
 */
export async function* readZipRecords(
  reader: ByteReader,
  options: { readonly end: ZipEnd; readonly name: string },
): AsyncGenerator<RawZipRecord, void, void> {
  const { end, name } = options;
  const behind = end.position + end.size;
  let window: Buffer = Buffer.alloc(0);
  let start = end.position;
  const bytesAt = async (position: number, length: number): Promise<Buffer> => {
    if (position + length > behind) throw zipInvalid(name, 'its directory is damaged: a record is cut short');
    if (position + length > start + window.length) {
      const most = Math.min(Math.max(WINDOW, length), behind - position);
      window = Buffer.from(await reader.read(position, most));
      start = position;
    }
    return window.subarray(position - start, position - start + length);
  };
  let position = end.position;
  for (let number = 0; number < end.count; number++) {
    const fixed = await bytesAt(position, ZIP_RECORD_SIZE);
    if (fixed.length < ZIP_RECORD_SIZE || fixed.readUInt32LE(0) !== SIGNATURE)
      throw zipInvalid(name, `its directory is damaged: there is no record at byte ${position}`);
    const [nameLength, extraLength, commentLength] = [28, 30, 32].map((at) => fixed.readUInt16LE(at));
    const length = ZIP_RECORD_SIZE + (nameLength ?? 0) + (extraLength ?? 0) + (commentLength ?? 0);
    yield decode(await bytesAt(position, length), position);
    position += length;
  }
  if (position !== behind) throw zipInvalid(name, 'its directory has something that is not an entry');
}

function decode(record: Buffer, position: number): RawZipRecord {
  const short = (at: number): number => record.readUInt16LE(at);
  const long = (at: number): number => record.readUInt32LE(at);
  const extraAt = ZIP_RECORD_SIZE + short(28);
  return {
    position,
    madeBy: short(4),
    needed: short(6),
    flags: short(8),
    method: short(10),
    crc: long(16),
    stored: long(20),
    size: long(24),
    disk: short(34),
    attributes: long(38),
    header: long(42),
    // Copied, so that the name does not keep the whole window in memory.
    name: Buffer.from(record.subarray(ZIP_RECORD_SIZE, extraAt)),
    extra: Buffer.from(record.subarray(extraAt, extraAt + short(30))),
  };
}
