import type { Rows } from '../../internal/table/rows.ts';
import type { ArchiveEntry } from '../archive.ts';
import type { ArchiveLayout } from '../layout.ts';
import { PlacedEntries } from '../listing.ts';
import { LOCAL_HEADER_SIZE } from './directory.ts';
import { ZIP64_END_SIZE, ZIP64_LONG, ZIP64_SHORT, ZIP_END, ZIP_RECORD_SIZE } from './end.ts';
import { packZip } from './pack.ts';

/**
 * Sizes of the record after the content (bytes): signature, checksum and two sizes of four or eight bytes (APPNOTE,
 * 4.3.9).
 */
const DESCRIPTOR = 16;
const DESCRIPTOR_64 = 24;
/** ZIP64 numbers of an entry in the directory, all three of them (4.5.3). */
const EXTRA_64 = 28;

/**
 * Returns the layout of a zip: each file stored, followed by its checksum and sizes, because the checksum is not known
 * before the content; at the end the directory. Positions and sizes follow from paths and sizes alone.
 */
export function layoutZip(files: Rows<ArchiveEntry>): ArchiveLayout {
  const positions = new Float64Array(files.length);
  let [next, index] = [0, 0];
  let directory = 0;
  for (const { path, size } of files) {
    const name = Buffer.byteLength(path);
    const position = next + LOCAL_HEADER_SIZE + name;
    positions[index++] = position;
    const isLarge = size > ZIP64_LONG;
    directory += ZIP_RECORD_SIZE + name + (isLarge || next > ZIP64_LONG ? EXTRA_64 : 0);
    next = position + size + (isLarge ? DESCRIPTOR_64 : DESCRIPTOR);
  }
  // From these values on, a short field would mean "see the ZIP64 record".
  const isZip64 = files.length >= ZIP64_SHORT || next >= ZIP64_LONG || directory >= ZIP64_LONG;
  const entries = new PlacedEntries(files, positions);
  const size = next + directory + (isZip64 ? ZIP64_END_SIZE : ZIP_END.size);
  return { size, entries, pack: (open) => packZip(entries, { open, isZip64, size }) };
}
