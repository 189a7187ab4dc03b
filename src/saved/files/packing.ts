import { openWhole } from '../../archive/open.ts';
import type { ByteReader } from '../../disk/byte-file.ts';
import type { ByteStream } from '../../internal/bytes.ts';
import { SaddlebagError } from '../../internal/error.ts';
import { quote } from '../../internal/quote.ts';
import { decompressed } from '../../oci/layer/decompressed.ts';
import { limited } from '../../oci/layer/entries.ts';
import type { WaitOptions } from '../../oci/roles.ts';

/** The first bytes of other compressions (each format's own specification), and who unpacks them. */
const OTHERS: readonly { readonly magic: string; readonly name: string; readonly hint: string }[] = [
  { magic: 'fd377a585a00', name: 'xz', hint: 'Decompress it first: unxz FILE' },
  { magic: '425a68', name: 'bzip2', hint: 'Decompress it first: bunzip2 FILE' },
  { magic: '04224d18', name: 'lz4', hint: 'Decompress it first, with unlz4.' },
];
/** Nothing that holds images unpacks to more than this, times its size; an archive of a MiB may still grow to `FLOOR` bytes. */
const RATIO = 200;
const FLOOR = 1024 * 1024 * 1024;

/** Returns whether a file that begins with these bytes is unpacked as it is read. @throws `ERR_ARCHIVE_INVALID` for other compressions */
export function isPacked(head: Uint8Array, path: string): boolean {
  const magic = Buffer.from(head).toString('hex', 0, 6);
  const other = OTHERS.find((each) => magic.startsWith(each.magic));
  if (other === undefined) return magic.startsWith('1f8b') || magic.startsWith('28b52ffd');
  throw new SaddlebagError(
    'ERR_ARCHIVE_INVALID',
    `Cannot read archive ${quote(path)}: it is compressed with ${other.name}`,
    { hint: other.hint },
  );
}

/** Yields the tar in a compressed archive, from its start to its end, in bounded memory. @throws `ERR_ARCHIVE_INVALID` */
export async function* unpackedFile(path: string, options: WaitOptions = {}): ByteStream {
  await using reader = await openWhole(path);
  yield* unpacked(reader, options);
}

/** Yields the same from an open file. */
export function unpacked(reader: ByteReader, options: WaitOptions = {}): ByteStream {
  const ceiling = Math.max(FLOOR, reader.size * RATIO);
  return limited(decompressed(reader.stream(0, reader.size, options)), ceiling);
}
