import type { SaddlebagError } from '../../internal/error.ts';
import type { ByteReader } from '../../disk/byte-file.ts';
import { entryInvalid, PathGuard } from '../../internal/path/guard.ts';
import { quote } from '../../internal/quote.ts';
import { readZipEnd, zipInvalid } from './end.ts';
import { decodeZipRecord, type ZipRecord } from './record.ts';
import { readZipRecords } from './records.ts';

/** Fixed part of a local header (bytes; PKWARE APPNOTE 6.3.10, 4.3.7). */
export const LOCAL_HEADER_SIZE = 30;

/** An entry of a zip, as the directory describes it. */
export interface ZipEntry extends ZipRecord {
  /** Where the next local header begins, or the directory after the last entry (bytes). */
  readonly end: number;
  /** Why it cannot be accepted. */
  readonly error?: SaddlebagError | undefined;
}

/**
 * Reads the directory of a zip, and returns its entries in file order. They must fill the file from its first byte to
 * the directory: no entry may overlap another, and nothing may lie before them.
 *
 * @throws `ERR_ARCHIVE_INVALID` when the zip as a whole cannot be read, `ERR_DISK_FAILED`
 */
export async function readZipDirectory(reader: ByteReader, name: string): Promise<readonly ZipEntry[]> {
  const end = await readZipEnd(reader, name);
  const records: ZipRecord[] = [];
  for await (const raw of readZipRecords(reader, { end, name })) records.push(decodeZipRecord(raw));
  records.sort((left, right) => left.header - right.header);
  const before = records[0]?.header ?? end.position;
  if (before !== 0) throw zipInvalid(name, `there are ${before} bytes before its first entry`);
  const guard = new PathGuard();
  return records.map((record, index) => {
    const next = records[index + 1];
    const behind = { position: next?.header ?? end.position, path: next?.path };
    const { fact, hint } = record.fault ?? faultAmong(record, { guard, behind }) ?? {};
    const error = fact === undefined ? undefined : entryInvalid(record.path, fact, hint);
    return { ...record, end: behind.position, error };
  });
}

/** Returns what is wrong with an entry relative to the others. */
function faultAmong(
  { path, header, name, stored, isFolder }: ZipRecord,
  among: {
    readonly guard: PathGuard;
    readonly behind: { readonly position: number; readonly path: string | undefined };
  },
): ZipRecord['fault'] {
  const { position, path: other } = among.behind;
  if (header + LOCAL_HEADER_SIZE + name.length + stored > position) {
    const what = other === undefined ? 'the directory' : `entry ${quote(other)}`;
    return { fact: `it overlaps ${what}` };
  }
  const fact = isFolder ? among.guard.admitFolder(path) : among.guard.admit(path);
  return fact === undefined ? undefined : { fact };
}
