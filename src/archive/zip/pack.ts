import { crc32 } from 'node:zlib';
import type { ByteStream } from '../../internal/bytes.ts';
import { SaddlebagError } from '../../internal/error.ts';
import type { Rows } from '../../internal/table/rows.ts';
import type { PlacedEntry } from '../archive.ts';
import { encodeDescriptor, encodeEnd, encodeLocalHeader, encodeRecord, type WrittenEntry } from './encode.ts';

/** Records of the directory are yielded in pieces of about this size (bytes). */
const PIECE = 64 * 1024;

export interface PackZipOptions {
  /** Returns the content of an entry; called after everything before it has been consumed. */
  readonly open: (entry: PlacedEntry) => ByteStream;
  /** Whether the end needs the ZIP64 records. */
  readonly isZip64: boolean;
  /** Expected size of the whole (bytes). */
  readonly size: number;
}

/** Yields the bytes of a zip of stored entries, in their order: a function of paths and contents alone. */
export async function* packZip(entries: Rows<PlacedEntry>, options: PackZipOptions): ByteStream {
  const { open, isZip64, size } = options;
  const written: WrittenEntry[] = [];
  let position = 0;
  for (const entry of entries) {
    const header = encodeLocalHeader(entry.path);
    yield header;
    let [length, crc] = [0, 0];
    for await (const chunk of open(entry)) {
      length += chunk.length;
      crc = crc32(chunk, crc);
      yield chunk;
    }
    const own = { path: entry.path, size: length, crc, header: position };
    const behind = encodeDescriptor(own);
    yield behind;
    written.push(own);
    position += header.length + length + behind.length;
  }
  const directory = { count: written.length, position, size: 0 };
  for (const piece of pieces(written)) {
    directory.size += piece.length;
    yield piece;
  }
  const end = encodeEnd(directory, isZip64);
  yield end;
  const total = position + directory.size + end.length;
  if (total === size) return;
  throw new SaddlebagError(
    'ERR_INTERNAL_BUG',
    `Cannot pack zip: it has ${total} bytes, and ${size} were laid out`,
  );
}

function* pieces(written: readonly WrittenEntry[]): Generator<Uint8Array> {
  let records: Uint8Array[] = [];
  let length = 0;
  for (const entry of written) {
    const record = encodeRecord(entry);
    records.push(record);
    length += record.length;
    if (length < PIECE) continue;
    yield Buffer.concat(records);
    [records, length] = [[], 0];
  }
  if (length > 0) yield Buffer.concat(records);
}
