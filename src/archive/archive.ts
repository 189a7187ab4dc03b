import type { ByteStream, StreamOptions } from '../internal/bytes.ts';
import type { SaddlebagError } from '../internal/error.ts';

import type { ByteReader, Extent } from '../disk/byte-file.ts';
import type { ArchiveEntry, PlacedEntry } from './entry.ts';
import type { PlacedEntries } from './listing.ts';

export type { ArchiveEntry, PlacedEntry };

/** Bytes that will replace others in a file on disk. */
export interface Overwrite {
  readonly file: string;
  /** bytes */
  readonly position: number;
  readonly bytes: Uint8Array;
}

/** Damage found while listing; the listing went on behind it. */
export interface ArchiveProblem {
  /** Path of the damaged entry, or an empty string if unknown. */
  readonly path: string;
  readonly error: SaddlebagError;
}

export interface ListOptions {
  readonly signal?: AbortSignal | undefined;
  /** Takes damage that would otherwise end the listing with an error. */
  readonly onProblem?: ((problem: ArchiveProblem) => void) | undefined;
}

/** Where the entries of an archive should be, and its size (bytes). */
export interface ExpectedLayout {
  readonly entries: PlacedEntries;
  readonly size: number;
}

/** A container of files with random access: a tar, a zip, a directory, memory, or a repository of a registry. */
export interface Archive extends AsyncDisposable {
  /** Its form, for people. */
  readonly shape: 'tar' | 'zip' | 'dir' | 'memory' | 'registry';
  /** The reader behind it, if the archive is one run of bytes. */
  readonly reader?: ByteReader | undefined;
  /** Every entry in archive order, each checked as it passes. @throws `ERR_ARCHIVE_INVALID` */
  entries(options?: ListOptions): AsyncIterable<ArchiveEntry>;
  /** Yields an entry's bytes from `offset` on. @throws `ERR_CONTENT_NOT_FOUND`, `ERR_ARCHIVE_INVALID` when it is cut short */
  stream(path: string, options?: StreamOptions & { readonly offset?: number | undefined }): ByteStream;
  /**
   * Returns the bytes of an entry in memory of their own, or `undefined` for one that is not small. Left out where that is no quicker
   * than {@link Archive.stream}, whose errors it throws.
   */
  readSmall?(path: string): Promise<Uint8Array | undefined>;
  /**
   * Takes a layout computed elsewhere, so that an entry is found without listing everything before it. It is a guess:
   * each position is checked when it is used. Left out where lookups are cheap.
   */
  expect?(layout: ExpectedLayout): void;
  /** Returns where an entry is on disk, or `undefined` if it is not in a file. @throws like {@link Archive.stream} */
  extents?(path: string): Promise<readonly Extent[] | undefined>;
  /**
   * Returns the digest that an entry is verified against when it is read from its start. Left out where entries are read
   * as they are.
   */
  verifiedAs?(path: string): string | undefined;
  /** How many entries to read at once; one when left out, as a disk likes it. */
  readonly readsAtOnce?: number | undefined;
  /**
   * Returns the CRC-32 that the archive gives for the content of an entry. Left out where it gives none.
   * @throws as {@link Archive.stream}
   */
  checksum?(path: string): Promise<number>;
  /**
   * Returns the writes that give an entry other bytes, as many as it has. Left out where its content alone is to be written.
   * @throws as {@link Archive.stream}
   */
  overwrites?(path: string, bytes: Uint8Array): Promise<readonly Overwrite[]>;
}
