import type { ByteStream, StreamOptions } from '../../internal/bytes.ts';
import { isSaddlebagError } from '../../internal/error.ts';
import { throwIfInterrupted } from '../../internal/interrupt.ts';
import type { Archive, ArchiveProblem, ListOptions, PlacedEntry } from '../archive.ts';
import type { ByteReader, Extent } from '../../disk/byte-file.ts';
import { entryCutShort, entryNotFound } from '../entry-error.ts';
import type { Overwrite } from '../archive.ts';
import { readZipDirectory, type ZipEntry } from './directory.ts';
import { locateZipContent } from './local.ts';
import { zipOverwrites } from './overwrite.ts';

/** Returns the zip in `reader`, read in place. Closing the archive closes the reader. */
export function openZip(reader: ByteReader, options: { readonly name?: string | undefined } = {}): Archive {
  return new ZipArchive(reader, options.name ?? 'archive');
}

interface Directory {
  readonly entries: readonly ZipEntry[];
  /** Files by path; if several share one, the first that cannot be accepted. */
  readonly files: ReadonlyMap<string, ZipEntry>;
}

class ZipArchive implements Archive {
  readonly shape = 'zip';
  readonly reader: ByteReader;
  readonly #name: string;
  /** Where the content of entries begins, once their header was compared (bytes). */
  readonly #positions = new Map<ZipEntry, number>();
  #directory: Promise<Directory> | undefined;

  constructor(reader: ByteReader, name: string) {
    this.reader = reader;
    this.#name = name;
  }

  async *entries(options: ListOptions = {}): AsyncGenerator<PlacedEntry, void, void> {
    throwIfInterrupted(options.signal);
    for (const entry of await this.#list(options.onProblem)) {
      throwIfInterrupted(options.signal);
      try {
        const position = await this.#locate(entry);
        if (!entry.isFolder) yield { path: entry.path, size: entry.size, position };
      } catch (error) {
        report({ path: entry.path, error }, options.onProblem);
      }
    }
  }

  async *stream(
    path: string,
    options: StreamOptions & { readonly offset?: number | undefined } = {},
  ): ByteStream {
    throwIfInterrupted(options.signal);
    const entry = await this.#find(path);
    const position = await this.#locate(entry);
    const offset = Math.min(options.offset ?? 0, entry.size);
    let read = offset;
    for await (const chunk of this.reader.stream(position + offset, entry.size - offset, options)) {
      read += chunk.length;
      yield chunk;
    }
    if (read < entry.size) throw entryCutShort(path, { expected: entry.size, found: read });
  }

  async extents(path: string): Promise<readonly Extent[] | undefined> {
    const entry = await this.#find(path);
    return this.reader.extents?.(await this.#locate(entry), entry.size);
  }

  async checksum(path: string): Promise<number> {
    return (await this.#find(path)).crc;
  }

  async overwrites(path: string, bytes: Uint8Array): Promise<readonly Overwrite[]> {
    return await zipOverwrites(this.reader, { path, bytes, name: this.#name });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.reader[Symbol.asyncDispose]();
  }

  async #list(onProblem: ListOptions['onProblem']): Promise<readonly ZipEntry[]> {
    try {
      return (await this.#load()).entries;
    } catch (error) {
      report({ path: '', error }, onProblem);
      return [];
    }
  }

  async #find(path: string): Promise<ZipEntry> {
    const { entries, files } = await this.#load();
    const entry = files.get(path);
    // The entry asked for may be one that cannot be accepted, under a malformed name.
    if (entry === undefined)
      throw entries.find(({ error }) => error)?.error ?? entryNotFound(path, this.#name);
    return entry;
  }

  /** The directory is small, and read only once. */
  #load(): Promise<Directory> {
    this.#directory ??= readZipDirectory(this.reader, this.#name).then((entries) => ({
      entries,
      files: filesOf(entries),
    }));
    return this.#directory;
  }

  async #locate(entry: ZipEntry): Promise<number> {
    if (entry.error !== undefined) throw entry.error;
    const position = this.#positions.get(entry) ?? (await locateZipContent(this.reader, entry));
    this.#positions.set(entry, position);
    return position;
  }
}

function filesOf(entries: readonly ZipEntry[]): ReadonlyMap<string, ZipEntry> {
  const files = new Map<string, ZipEntry>();
  for (const entry of entries) {
    if (entry.isFolder) continue;
    if (!files.has(entry.path) || entry.error !== undefined) files.set(entry.path, entry);
  }
  return files;
}

/** Passes damage to the caller's handler; anything else ends the listing. */
function report(
  problem: { readonly path: string; readonly error: unknown },
  onProblem: ((problem: ArchiveProblem) => void) | undefined,
): void {
  const { path, error } = problem;
  const isDamage =
    isSaddlebagError(error, 'ERR_ARCHIVE_INVALID') || isSaddlebagError(error, 'ERR_DISK_FAILED');
  if (!isDamage || onProblem === undefined) throw error;
  onProblem({ path, error });
}
