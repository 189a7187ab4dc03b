import { type Dirent } from 'node:fs';
import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { dirname } from 'node:path/posix';
import type { ByteStream, StreamOptions } from '../../internal/bytes.ts';
import { isSaddlebagError, messageOf, SaddlebagError, systemCode } from '../../internal/error.ts';
import { throwIfInterrupted } from '../../internal/interrupt.ts';
import { compareText } from '../../internal/order.ts';
import type { Archive, ArchiveEntry, ListOptions } from '../archive.ts';
import type { ByteReader, Extent } from '../../disk/byte-file.ts';
import { entryCutShort, entryNotFound } from '../entry-error.ts';
import { openFileReader } from '../../disk/reader.ts';
import { entryInvalid, faultOfPath, PathGuard } from '../../internal/path/guard.ts';
import { openVolumeReader } from '../volumes/reader.ts';
import { faultsOfSizes, findVolumes } from '../volumes/set.ts';
import { parseVolumeName, volumeSumsName } from '../volumes/volumes.ts';

/**
 * Returns the files under a folder as an archive, sorted by path. Links are refused, wherever they point. A file cut
 * into volumes is one entry, and the file of their sums is not an entry.
 */
export function openDirectory(root: string): Archive {
  return new DirectoryArchive(root);
}

class DirectoryArchive implements Archive {
  readonly shape = 'dir';
  readonly #root: string;

  constructor(root: string) {
    this.#root = root;
  }

  async *entries(options: ListOptions = {}): AsyncGenerator<ArchiveEntry, void, void> {
    const guard = new PathGuard();
    for await (const { path, entry } of this.#walk('')) {
      throwIfInterrupted(options.signal);
      try {
        const admit = entry.isDirectory() ? guard.admitFolder(path) : guard.admit(path);
        const fault = entry.isFile() || entry.isDirectory() ? admit : kindOf(entry);
        if (fault !== undefined) throw entryInvalid(path, fault);
        if (entry.isFile())
          yield entry.isCut ? await this.#cut(path) : { path, size: await this.#sizeOf(path) };
      } catch (error) {
        if (!isSaddlebagError(error, 'ERR_ARCHIVE_INVALID') || options.onProblem === undefined) throw error;
        options.onProblem({ path, error });
        if (guard.isFull) return;
      }
    }
  }

  async *stream(
    path: string,
    options: StreamOptions & { readonly offset?: number | undefined } = {},
  ): ByteStream {
    await using reader = await this.#open(path);
    const offset = Math.min(options.offset ?? 0, reader.size);
    let read = offset;
    for await (const chunk of reader.stream(offset, reader.size - offset, options)) {
      read += chunk.length;
      yield chunk;
    }
    if (read < reader.size) throw entryCutShort(path, { expected: reader.size, found: read });
  }

  async extents(path: string): Promise<readonly Extent[]> {
    await using reader = await this.#open(path);
    return reader.extents?.(0, reader.size) ?? [];
  }

  async [Symbol.asyncDispose](): Promise<void> {}

  /** Yields everything, a folder before its content; links to folders are not followed. */
  async *#walk(folder: string): AsyncGenerator<{ path: string; entry: Listed }, void, void> {
    for (const entry of joinVolumes(await this.#list(folder))) {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
      yield { path, entry };
      // A path that is too long also ends the descent.
      if (entry.isDirectory() && faultOfPath(path) === undefined) yield* this.#walk(path);
    }
  }

  async #list(folder: string): Promise<Dirent[]> {
    try {
      return await readdir(join(this.#root, folder), { withFileTypes: true });
    } catch (cause) {
      throw listFailed(join(this.#root, folder), cause);
    }
  }

  async #sizeOf(path: string): Promise<number> {
    try {
      return (await lstat(this.#pathOf(path))).size;
    } catch (cause) {
      throw listFailed(this.#pathOf(path), cause);
    }
  }

  async #cut(path: string): Promise<ArchiveEntry> {
    const set = await findVolumes(this.#pathOf(path), { follow: false });
    const size = set.volumes.reduce((sum, volume) => sum + volume.size, 0);
    return { path, size, volumeFault: faultsOfSizes(set)[0] };
  }

  /**
   * No part of the path may be a link: the file itself is opened without following links, and its folders are checked.
   */
  async #open(path: string): Promise<ByteReader> {
    if (faultOfPath(path) !== undefined) throw entryNotFound(path, this.#root);
    try {
      for (let folder = dirname(path); folder !== '.'; folder = dirname(folder)) {
        if ((await lstat(this.#pathOf(folder))).isSymbolicLink())
          throw entryInvalid(path, `the folder "${folder}" is a symbolic link`);
      }
      return await this.#openFile(this.#pathOf(path), path);
    } catch (error) {
      const missing = systemCode(error) === 'ENOENT' || systemCode(error) === 'ENOTDIR';
      if (missing || isSaddlebagError(error, 'ERR_BUNDLE_NOT_FOUND')) throw entryNotFound(path, this.#root);
      throw error;
    }
  }

  async #openFile(file: string, path: string): Promise<ByteReader> {
    const stats = await lstat(file).catch((cause: unknown) => {
      if (systemCode(cause) === 'ENOENT') return undefined;
      throw cause;
    });
    if (stats?.isDirectory() === true) throw entryNotFound(path, this.#root);
    if (stats !== undefined) return await openFileReader(file, { follow: false });
    const set = await findVolumes(file, { follow: false });
    return openVolumeReader(set.volumes, { set, follow: false });
  }

  #pathOf(path: string): string {
    return join(this.#root, ...path.split('/'));
  }
}

/** An entry of a folder; the volumes of one file are one entry. */
interface Listed {
  readonly name: string;
  readonly isCut: boolean;
  isFile(): boolean;
  isDirectory(): boolean;
  isSymbolicLink(): boolean;
}

/** A file `a.001` is a volume of `a` if `a` itself does not exist. Sorted by name. */
function joinVolumes(list: readonly Dirent[]): readonly Listed[] {
  const names = new Set(list.map(({ name }) => name));
  const baseOf = (entry: Dirent): string | undefined => {
    const base = entry.isFile() ? parseVolumeName(entry.name)?.base : undefined;
    return base === undefined || names.has(base) ? undefined : base;
  };
  const joined = new Map<string, Listed>();
  for (const entry of list) {
    const base = baseOf(entry);
    joined.set(base ?? entry.name, listedAs(entry, base));
  }
  for (const [name, { isCut }] of joined) {
    const sums = volumeSumsName(name);
    // A folder or a link with that name could hide anything.
    if (isCut && joined.get(sums)?.isFile() === true) joined.delete(sums);
  }
  return [...joined.values()].sort((left, right) => compareText(left.name, right.name));
}

function listedAs(entry: Dirent, base: string | undefined): Listed {
  return {
    name: base ?? entry.name,
    isCut: base !== undefined,
    isFile: () => entry.isFile(),
    isDirectory: () => entry.isDirectory(),
    isSymbolicLink: () => entry.isSymbolicLink(),
  };
}

function kindOf(entry: Listed): string {
  return entry.isSymbolicLink() ? 'it is a symbolic link' : 'it is not a regular file';
}

function listFailed(path: string, cause: unknown): SaddlebagError {
  return new SaddlebagError('ERR_DISK_FAILED', `Cannot read "${path}": ${messageOf(cause)}`, { cause });
}
