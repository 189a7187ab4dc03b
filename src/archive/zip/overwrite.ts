import { crc32 } from 'node:zlib';
import type { ByteReader } from '../../disk/byte-file.ts';
import { entryNotFound } from '../entry-error.ts';
import { overwritesOf } from '../overwrite.ts';
import type { Overwrite } from '../archive.ts';
import { LOCAL_HEADER_SIZE, readZipDirectory, type ZipEntry } from './directory.ts';
import { locateZipContent } from './local.ts';
import { ZIP_FLAG } from './record.ts';

/**
 * Position of the checksum in a local header and in a record of the directory (bytes; APPNOTE 6.3.10, 4.3.7, 4.3.12).
 */
const CRC_AT = { local: 14, record: 16 } as const;
const DESCRIPTOR_SIGNATURE = 0x08074b50;

/**
 * Returns the writes that replace the bytes of a zip entry with as many others: its content, and its checksum in every
 * place. Our own zips have it right after the content, written together with it, and in the directory. An entry is
 * accepted even if an earlier change was interrupted between the two.
 *
 * @throws `ERR_ARCHIVE_INVALID`, `ERR_CONTENT_NOT_FOUND`, `ERR_DISK_FAILED`
 */
export async function zipOverwrites(
  reader: ByteReader,
  options: { readonly path: string; readonly bytes: Uint8Array; readonly name: string },
): Promise<readonly Overwrite[]> {
  const { path, bytes, name } = options;
  const entry = (await readZipDirectory(reader, name)).find((one) => one.path === path && !one.isFolder);
  if (entry === undefined) throw entryNotFound(path, name);
  if (entry.error !== undefined) throw entry.error;
  const beside = await checksumBeside(reader, entry);
  const position = await locateZipContent(reader, { ...entry, crc: beside.crc });
  const crc = Buffer.alloc(4);
  crc.writeUInt32LE(crc32(bytes));
  const place = (at: number, value: Uint8Array): readonly Overwrite[] =>
    overwritesOf(path, value, reader.extents?.(at, value.length));
  // The sizes must agree before anything is written after the content.
  overwritesOf(path, bytes, reader.extents?.(position, entry.size));
  return [
    ...place(position, beside.between === undefined ? bytes : Buffer.concat([bytes, beside.between, crc])),
    ...(beside.inHeader ? place(entry.header + CRC_AT.local, crc) : []),
    ...place(entry.record + CRC_AT.record, crc),
  ];
}

/** The checksum next to an entry, in its header or after its content. */
interface BesideChecksum {
  readonly crc: number;
  readonly inHeader: boolean;
  /** The bytes between the content and a checksum after it; left out if the checksum is in the header. */
  readonly between?: Uint8Array | undefined;
}

/** The directory is not consulted: its checksum may differ if an earlier change was interrupted. */
async function checksumBeside(reader: ByteReader, { header, size }: ZipEntry): Promise<BesideChecksum> {
  const fixed = Buffer.alloc(LOCAL_HEADER_SIZE);
  fixed.set(await reader.read(header, LOCAL_HEADER_SIZE));
  const first = fixed.readUInt32LE(CRC_AT.local);
  if ((fixed.readUInt16LE(6) & ZIP_FLAG.descriptor) === 0) return { crc: first, inHeader: true };
  const behind = header + LOCAL_HEADER_SIZE + fixed.readUInt16LE(26) + fixed.readUInt16LE(28) + size;
  const descriptor = Buffer.alloc(8);
  descriptor.set(await reader.read(behind, 8));
  const isMarked = descriptor.readUInt32LE(0) === DESCRIPTOR_SIGNATURE;
  const between = descriptor.subarray(0, isMarked ? 4 : 0);
  return { crc: descriptor.readUInt32LE(between.length), inHeader: first !== 0, between };
}
