import { type Extent, isPackedPlace } from '../../disk/byte-file.ts';
import { openFileReader } from '../../disk/reader.ts';
import { type ByteStream, collectBytes } from '../../internal/bytes.ts';
import { SaddlebagError } from '../../internal/error.ts';
import { quote } from '../../internal/quote.ts';
import type { FetchOptions, WaitOptions } from '../../oci/roles.ts';
import type { SavedFile, SavedFiles } from './files.ts';
import { Passes } from './passes.ts';

/** How much of a file tells how it is packed (bytes). */
const HEAD = 6;

/** Yields the bytes of a file, unverified. */
export function streamSaved(file: Pick<SavedFile, 'at' | 'size'>, options: FetchOptions = {}): ByteStream {
  const { at, size } = file;
  return isPackedPlace(at) ? onePass({ ...at, size }, options) : streamExtents(at, options);
}

/** Yields bytes from where they are on disk, in order; ends early where a file is shorter by now. */
export async function* streamExtents(extents: readonly Extent[], options: FetchOptions = {}): ByteStream {
  const { lease, signal } = options;
  let { offset = 0 } = options;
  for (const { file, position, length } of extents) {
    const skipped = Math.min(offset, length);
    offset -= skipped;
    if (skipped === length) continue;
    await using reader = await openFileReader(file);
    yield* reader.stream(position + skipped, length - skipped, { lease, signal });
  }
}

async function* onePass(place: Parameters<Passes['open']>[0], options: FetchOptions): ByteStream {
  await using passes = new Passes();
  yield* passes.open(place, options);
}

/** Returns the first bytes of a file. */
export async function headOf(file: SavedFile, options: WaitOptions): Promise<Uint8Array> {
  if (file.seen !== undefined) return file.seen.head;
  for await (const chunk of streamSaved(file, options)) return chunk.subarray(0, HEAD);
  return new Uint8Array();
}

/**
 * Returns a whole document of an archive.
 *
 * @throws `ERR_ARCHIVE_INVALID` when there are two of that name, or it has more than `limit` bytes
 */
export async function readWhole(
  saved: Pick<SavedFiles, 'path'>,
  file: SavedFile,
  options: WaitOptions & { readonly limit: number },
): Promise<Uint8Array> {
  const { limit } = options;
  const invalid = (fact: string): SaddlebagError =>
    new SaddlebagError(
      'ERR_ARCHIVE_INVALID',
      `Cannot read ${quote(file.path)} of ${quote(saved.path)}: ${fact}`,
      { hint: 'Save the image again, or copy it again.' },
    );
  const tooLarge = (): SaddlebagError => invalid(`it has ${file.size} bytes, more than the ${limit} allowed`);
  if (file.isRepeated === true) throw invalid('it is there twice');
  if (file.size > limit) throw tooLarge();
  const bytes =
    file.seen?.bytes ?? (await collectBytes(streamSaved(file, options), { limit, onExcess: tooLarge }));
  if (bytes.length === file.size) return bytes;
  throw invalid('it is cut short');
}
