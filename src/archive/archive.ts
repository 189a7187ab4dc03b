import type { ByteStream, StreamOptions } from '../internal/bytes.ts';
import type { SaddlebagError } from '../internal/error.ts';

import type { ByteReader, Extent } from '../disk/byte-file.ts';

/** Bytes that are to take the place of others in a file on disk. */
export interface Overwrite {
  readonly file: string;
  /** bytes */
  readonly position: number;
  readonly bytes: Uint8Array;
}

/** A file in an archive. Its path has passed the guard. */
export interface ArchiveEntry {
  readonly path: string;
  /** bytes */
  readonly size: number;
  /** What is wrong with the volumes that it lies in, even when it has the right size. */
  readonly volumeFault?: SaddlebagError | undefined;
}

/** An entry and where its bytes begin. */
export interface PlacedEntry extends ArchiveEntry {
  /** bytes from the start of the archive */
  readonly position: number;
}

/** Damage found while listing; the listing went on behind it. */
export interface ArchiveProblem {
  /** The entry it befell, or an empty string when that cannot be told. */
  readonly path: string;
  readonly error: SaddlebagError;
}

export interface ListOptions {
  readonly signal?: AbortSignal | undefined;
  /** Takes damage that would otherwise end the listing with an error. */
  readonly onProblem?: ((problem: ArchiveProblem) => void) | undefined;
}

/** A container of files with random access: a tar, a zip, a directory, or memory. */
export interface Archive extends AsyncDisposable {
  /** Which form it has, for people. */
  readonly shape: 'tar' | 'zip' | 'dir' | 'memory';
  /** What it is read from, when that is one run of bytes. */
  readonly reader?: ByteReader | undefined;
  /** Every entry in the order of the archive, each checked as it passes. @throws `ERR_ARCHIVE_INVALID` */
  entries(options?: ListOptions): AsyncIterable<ArchiveEntry>;
  /** Yields an entry's bytes from `offset` on. @throws `ERR_CONTENT_NOT_FOUND`, `ERR_ARCHIVE_INVALID` when it is cut short */
  stream(path: string, options?: StreamOptions & { readonly offset?: number | undefined }): ByteStream;
  /**
   * Takes a layout computed elsewhere, so that an entry is found without listing all before it. It is a guess: each place
   * is checked when it is used. Left out where finding is cheap.
   */
  expect?(layout: { readonly entries: readonly PlacedEntry[]; readonly size: number }): void;
  /** Returns where an entry is on disk, or `undefined` when it is in no file. @throws as {@link Archive.stream} */
  extents?(path: string): Promise<readonly Extent[] | undefined>;
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
