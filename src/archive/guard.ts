import { SaddlebagError } from '../internal/error.ts';
import { faultOfName } from '../internal/file-name.ts';

/** Longest path of an entry (UTF-8 bytes): what a ustar header can hold, and less than any filesystem's limit. */
const PATH_LIMIT = 255;
/** More entries than this are refused: a listing is held in memory. */
const ENTRY_LIMIT = 1_000_000;

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
 * What every foreign listing passes, one path after the other: each safe by itself, none twice, none both a file and a
 * folder, also on a filesystem that ignores case or the composition of letters.
 */
export class PathGuard {
  readonly #files = new Map<string, string>();
  readonly #folders = new Map<string, string>();

  /** Takes the next file; returns what is wrong with it, or `undefined` when it may pass. */
  admit(path: string): string | undefined {
    const fault = faultOfPath(path) ?? this.#conflict(path);
    if (fault !== undefined) return fault;
    this.#files.set(fold(path), path);
    for (const folder of foldersOf(path)) this.#folders.set(fold(folder), folder);
    return undefined;
  }

  #conflict(path: string): string | undefined {
    if (this.#files.size >= ENTRY_LIMIT) return `the archive has more than ${ENTRY_LIMIT} entries`;
    const twin = this.#files.get(fold(path));
    if (twin === path) return 'it is there twice';
    if (twin !== undefined) return `"${twin}" is there too, and many filesystems take them for one`;
    if (this.#folders.has(fold(path))) return 'it is a file and a folder at once';
    for (const folder of foldersOf(path)) {
      if (this.#files.has(fold(folder))) return `"${folder}" is a file and a folder at once`;
      const other = this.#folders.get(fold(folder));
      if (other !== undefined && other !== folder) {
        return `the folder "${other}" is there too, and many filesystems take them for one`;
      }
    }
    return undefined;
  }
}

/** Returns the error for an entry that may not be in an archive. */
export function entryInvalid(path: string, fact: string, hint?: string): SaddlebagError {
  return new SaddlebagError('ERR_ARCHIVE_INVALID', `Cannot accept entry ${quote(path)}: ${fact}`, { hint });
}

/** Quotes foreign text so that no control character of it reaches a terminal, cut to a bearable length. */
export function quote(text: string): string {
  const short = text.length > 300 ? `${text.slice(0, 300)}…` : text;
  const visible = (character: string): string => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
  return JSON.stringify(short).replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, visible);
}

/** HFS+ and APFS fold composition, exFAT and NTFS fold case: one key for what any of them takes as the same. */
function fold(path: string): string {
  return path.normalize('NFC').toUpperCase().toLowerCase();
}

function foldersOf(path: string): string[] {
  const parts = path.split('/').slice(0, -1);
  return parts.map((_, index) => parts.slice(0, index + 1).join('/'));
}
