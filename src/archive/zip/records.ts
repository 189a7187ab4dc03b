import { callbackify } from 'node:util';
import { type Entry, fromRandomAccessReaderPromise, RandomAccessReader } from 'yauzl';
import { isSaddlebagError, messageOf } from '../../internal/error.ts';
import type { ByteReader } from '../../disk/byte-file.ts';
import { ZIP_RECORD_SIZE, type ZipEnd, zipInvalid } from './end.ts';

/** Records are a hundred bytes each: they are read in pieces of this size (bytes). */
const WINDOW = 256 * 1024;

/**
 * Yields every record of the directory of a zip, as it stands there.
 *
 * @throws `ERR_ARCHIVE_INVALID` when it is broken, or is not exactly as long as the end of the zip says; `ERR_DISK_FAILED`
 */
export async function* readZipRecords(
  reader: ByteReader,
  options: { readonly end: ZipEnd; readonly name: string },
): AsyncGenerator<Entry, void, void> {
  const { end, name } = options;
  try {
    const zip = await fromRandomAccessReaderPromise(new DirectoryReader(reader, end), reader.size, {
      autoClose: false,
      // Names are decoded and judged by us: the library turns backslashes into slashes, and knows names beside the name.
      decodeStrings: false,
      // A record that lies about its size is refused as that entry, and not as the whole archive.
      validateEntrySizes: false,
    });
    let size = 0;
    for await (const entry of zip.eachEntry()) {
      const { fileNameLength, extraFieldLength, fileCommentLength } = entry;
      size += ZIP_RECORD_SIZE + fileNameLength + extraFieldLength + fileCommentLength;
      yield entry;
    }
    if (size !== end.size) {
      throw zipInvalid(name, 'something that is no entry is in its directory');
    }
  } catch (error) {
    if (isSaddlebagError(error)) throw error;
    throw zipInvalid(name, `its directory is damaged: ${messageOf(error)}`, undefined, error);
  }
}

/** What the library reads with: a few bytes at a time, one after the other, and nothing but the directory and the end. */
class DirectoryReader extends RandomAccessReader {
  readonly #reader: ByteReader;
  readonly #start: number;
  #window: { readonly position: number; readonly bytes: Uint8Array } = {
    position: 0,
    bytes: new Uint8Array(),
  };

  constructor(reader: ByteReader, directory: ZipEnd) {
    super();
    this.#reader = reader;
    this.#start = directory.position;
  }

  override read(
    buffer: Buffer,
    offset: number,
    length: number,
    position: number,
    callback: (error: Error | null, count?: number) => void,
  ): void {
    const readBytes = callbackify(async () => {
      const bytes = await this.#bytesAt(position, length);
      buffer.set(bytes, offset);
      return bytes.length;
    });
    readBytes(callback);
  }

  async #bytesAt(position: number, length: number): Promise<Uint8Array> {
    // It looks for the end in the last 64 KiB: the content there need not even be readable.
    const content = Math.min(length, Math.max(0, this.#start - position));
    if (content > 0) {
      const rest = await this.#bytesAt(position + content, length - content);
      return Buffer.concat([Buffer.alloc(content), rest]);
    }
    const from = position - this.#window.position;
    if (from >= 0 && from + length <= this.#window.bytes.length) {
      return this.#window.bytes.subarray(from, from + length);
    }
    const bytes = await this.#reader.read(position, Math.max(length, WINDOW));
    this.#window = { position, bytes };
    return bytes.subarray(0, length);
  }
}
