import type { ContentPlace } from '../../disk/byte-file.ts';
import type { Digest } from '../../oci/digest.ts';

/** A file in an archive or a folder that another program wrote. */
export interface SavedFile {
  /** In the archive, for messages and for finding it; nothing is ever written there. */
  readonly path: string;
  /** bytes */
  readonly size: number;
  readonly at: ContentPlace;
  /** Its first bytes, its digest and, of a small document, all of its bytes: known where listing unpacks everything anyway. */
  readonly seen?:
    | { readonly head: Uint8Array; readonly digest: Digest; readonly bytes?: Uint8Array | undefined }
    | undefined;
  /** Whether a second entry has the same path: programs differ in which of them they take. */
  readonly isRepeated?: boolean | undefined;
}

/** A link in it. */
export interface SavedLink {
  /** As it is written. */
  readonly target: string;
  /** A hard link names its target from the top, a symbolic one from its own folder. */
  readonly isHard: boolean;
}

/** Everything in an archive or a folder, listed. It keeps nothing open. */
export interface SavedFiles {
  /** As the user wrote it. */
  readonly path: string;
  /** By path, without `./` at the start. */
  readonly files: ReadonlyMap<string, SavedFile>;
  readonly links: ReadonlyMap<string, SavedLink>;
}

/** Most files, links and folders in an archive: a listing is held in memory. */
export const ENTRY_LIMIT = 1_000_000;
/** Deepest path in an archive. */
export const DEPTH_LIMIT = 64;

/** Returns what is wrong with the path of an entry; no program that saves images writes such a one. */
export function faultOfEntry(path: string): string | undefined {
  const names = path.split('/');
  if (names.includes('..')) return 'its path leads out of the archive';
  if (names.length > DEPTH_LIMIT) return `its path is more than ${DEPTH_LIMIT} folders deep`;
  return path.length > 4096 ? 'its path is longer than 4096 characters' : undefined;
}
