import { SaddlebagError } from '../error.ts';
import { faultOfName } from '../file-name.ts';
import { quote } from '../quote.ts';
import { HexTable, isHexKey } from '../table/hex-table.ts';
import { foldPath } from '../unicode/folding.ts';

/** Longest path of an entry (UTF-8 bytes): what a ustar header can hold, and less than any filesystem's limit. */
export const PATH_LIMIT = 255;
/** Most entries, and most folders that paths lead through: a listing is held in memory. */
export const ENTRY_LIMIT = 1_000_000;

/** Returns what is wrong with the path of an entry, or `undefined` when it is safe on every system. */
export function faultOfPath(path: string): string | undefined {
  if (path === '') return 'the path is empty';
  if (Buffer.byteLength(path) > PATH_LIMIT) return `the path is longer than ${PATH_LIMIT} bytes`;
  if (path.startsWith('/')) return 'the path is absolute';
  for (const name of path.split('/')) {
    const fault = faultOfName(name);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

/**
 * Checks every foreign listing, one path at a time: each path must be safe by itself, no file may appear twice, nothing
 * may be both a file and a folder, and no two paths may be the same on a filesystem that ignores case or Unicode
 * composition. A folder may appear any number of times, as an entry or as part of other paths.
 */
export class PathGuard {
  readonly #files = new Paths();
  readonly #folders = new Map<string, string>();
  #entries = 0;

  /** Whether the listing exceeded the limit: nothing more will be admitted. */
  get isFull(): boolean {
    return this.#entries > ENTRY_LIMIT || this.#folders.size > ENTRY_LIMIT;
  }

  /** Takes the next file; returns what is wrong with it, or `undefined` if it is admitted. */
  admit(path: string): string | undefined {
    const isNext = this.#files.isNext(path);
    const key = isNext ? path : foldPath(path);
    const fault =
      this.#count() ??
      (isNext ? undefined : faultOfPath(path)) ??
      this.#faultOfFile(path, key) ??
      (isNext ? undefined : this.#enter(folderOf(path)));
    if (fault === undefined) this.#files.set(key, path);
    return fault;
  }

  /** Takes the next folder, without a slash at its end; an empty path is the top folder. */
  admitFolder(path: string): string | undefined {
    return this.#count() ?? (path === '' ? undefined : (faultOfPath(path) ?? this.#enter(path)));
  }

  #count(): string | undefined {
    this.#entries += 1;
    return this.isFull ? `the archive has more than ${ENTRY_LIMIT} entries` : undefined;
  }

  #faultOfFile(path: string, key: string): string | undefined {
    const twin = this.#files.get(key);
    if (twin === path) return 'it appears twice';
    if (twin !== undefined) return `"${twin}" is there too, and many filesystems treat the two as one`;
    return this.#folders.has(key) ? 'it is a file and a folder at once' : undefined;
  }

  /** Takes a folder and its parents. A known folder was checked when it first came, and so were its parents. */
  #enter(path: string): string | undefined {
    const fresh = new Map<string, string>();
    for (let folder = path; folder !== ''; folder = folderOf(folder)) {
      const key = foldPath(folder);
      const known = this.#folders.get(key);
      if (known === folder) break;
      if (known !== undefined)
        return `the folder "${known}" is there too, and many filesystems treat the two as one`;
      if (this.#files.has(key)) return `"${folder}" is a file and a folder at once`;
      fresh.set(key, folder);
    }
    for (const [key, folder] of fresh) this.#folders.set(key, folder);
    return undefined;
  }
}

/** Paths by what they are on a filesystem that ignores case and composition. */
class Paths {
  readonly #others = new Map<string, string>();
  /** By folder, with a slash at its end, the files in it that are named by 64 lower-case hex digits, as nearly all files of a bundle are. */
  readonly #named = new Map<string, HexTable>();
  /** The folder of the last of those. */
  #last: { readonly folder: string; readonly named: HexTable } | undefined;

  /** Returns whether a path is another one of the last kind, in the same folder: it needs no look at what it is made of. */
  isNext(path: string): boolean {
    const start = this.#last?.folder.length ?? 0;
    return this.#last !== undefined && path.startsWith(this.#last.folder) && isHexKey(path, start);
  }

  get(key: string): string | undefined {
    const named = this.#namedIn(folderWithSlash(key));
    return named === undefined || named.indexOf(key, nameStart(key)) === -1 ? this.#others.get(key) : key;
  }

  has(key: string): boolean {
    return this.get(key) !== undefined;
  }

  set(key: string, path: string): void {
    const start = nameStart(key);
    if (key !== path || !isHexKey(key, start)) {
      this.#others.set(key, path);
      return;
    }
    const folder = folderWithSlash(key);
    const named = this.#namedIn(folder) ?? new HexTable();
    if (named.length === 0) this.#named.set(folder, named);
    if (this.#last?.named !== named) this.#last = { folder, named };
    named.add(key, start);
  }

  #namedIn(folder: string): HexTable | undefined {
    return this.#last?.folder === folder ? this.#last.named : this.#named.get(folder);
  }
}

/** Returns where the name of a file begins in its path. */
function nameStart(path: string): number {
  return path.lastIndexOf('/') + 1;
}

function folderWithSlash(path: string): string {
  return path.slice(0, nameStart(path));
}

/** Returns the error for an entry that may not be in an archive. */
export function entryInvalid(path: string, fact: string, hint?: string): SaddlebagError {
  return new SaddlebagError('ERR_ARCHIVE_INVALID', `Cannot accept entry ${quote(path)}: ${fact}`, { hint });
}

/** Returns the folder of a file; an empty path for a file at the top. */
function folderOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}
