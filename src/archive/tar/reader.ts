import type { ByteStream, StreamOptions } from '../../internal/bytes.ts';
import { isSaddlebagError } from '../../internal/error.ts';
import type { Archive, ExpectedLayout, ListOptions, PlacedEntry } from '../archive.ts';
import type { ByteReader, Extent } from '../../disk/byte-file.ts';
import { entryCutShort, entryNotFound } from '../entry-error.ts';
import { ExpectedEntries } from './expected-entries.ts';
import { TAR_BLOCK } from './header.ts';
import { decodeTarHeader } from './header-decode.ts';
import { SMALL_ENTRY, SmallEntries } from './small-entries.ts';
import { type TarFile, walkTar } from './walk.ts';

/** Returns the tar in `reader`, read in place. Closing the archive closes the reader. */
export function openTar(reader: ByteReader, options: { readonly name?: string | undefined } = {}): Archive {
  return new TarArchive({ reader, name: options.name ?? 'archive', expected: new ExpectedEntries() });
}

class TarArchive implements Archive {
  readonly shape = 'tar';
  readonly reader: ByteReader;
  readonly #tar: TarFile;
  /** One walk shared by all lookups, each resuming where the last one stopped; if it fails, all lookups fail. */
  readonly #walk: AsyncGenerator<PlacedEntry, void, void>;
  #walking: Promise<void> = Promise.resolve();
  readonly #small: SmallEntries;

  constructor(tar: TarFile) {
    this.#tar = tar;
    this.reader = tar.reader;
    this.#walk = this.entries();
    this.#small = new SmallEntries(tar.reader);
  }

  async *entries(options: ListOptions = {}): AsyncGenerator<PlacedEntry, void, void> {
    for await (const entry of walkTar(this.#tar, options)) {
      this.#tar.expected.confirm(entry);
      yield entry;
    }
  }

  async *stream(
    path: string,
    options: StreamOptions & { readonly offset?: number | undefined } = {},
  ): ByteStream {
    const { position, size } = await this.#locate(path);
    const offset = Math.min(options.offset ?? 0, size);
    let read = offset;
    for await (const chunk of this.#tar.reader.stream(position + offset, size - offset, options)) {
      read += chunk.length;
      yield chunk;
    }
    if (read < size) throw entryCutShort(path, { expected: size, found: read });
  }

  async readSmall(path: string): Promise<Uint8Array | undefined> {
    const { position, size } = await this.#locate(path, this.#small);
    if (size > SMALL_ENTRY) return undefined;
    const bytes = await this.#small.read(position, size);
    if (bytes.length < size) throw entryCutShort(path, { expected: size, found: bytes.length });
    return bytes;
  }

  expect({ entries, size }: ExpectedLayout): void {
    this.#tar.expected.replace(entries, size);
  }

  async extents(path: string): Promise<readonly Extent[] | undefined> {
    const { position, size } = await this.#locate(path);
    return this.#tar.reader.extents?.(position, size);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#tar.reader[Symbol.asyncDispose]();
  }

  /** Looks where the entry was found before, then where it is expected, then through the rest of the archive. */
  async #locate(path: string, reader: Pick<ByteReader, 'read'> = this.reader): Promise<PlacedEntry> {
    const known = this.#tar.expected.found(path) ?? (await this.#confirm(path, reader));
    if (known !== undefined) return known;
    this.#walking = this.#walking.then(() => this.#walkTo(path));
    await this.#walking;
    const entry = this.#tar.expected.found(path);
    if (entry === undefined) throw entryNotFound(path, this.#tar.name);
    return entry;
  }

  async #walkTo(path: string): Promise<void> {
    while (this.#tar.expected.found(path) === undefined) if ((await this.#walk.next()).done === true) return;
  }

  /** An expected position counts only if the header before it is the entry's own. */
  async #confirm(path: string, reader: Pick<ByteReader, 'read'>): Promise<PlacedEntry | undefined> {
    const entry = this.#tar.expected.byPath(path);
    if (entry === undefined) return undefined;
    const position = entry.position - TAR_BLOCK;
    try {
      const block = await reader.read(position, TAR_BLOCK);
      const header = decodeTarHeader(block, `at byte ${position} of "${this.#tar.name}"`);
      if (header?.type !== 'file' || header.path !== path || header.size !== entry.size) return undefined;
    } catch (error) {
      if (isSaddlebagError(error, 'ERR_ARCHIVE_INVALID')) return undefined;
      throw error;
    }
    this.#tar.expected.confirm(entry);
    return entry;
  }
}
