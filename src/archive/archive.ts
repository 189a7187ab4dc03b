import type { ByteStream } from '../internal/bytes.ts';

/** A file in an archive. Its path has passed the guard. */
export interface ArchiveEntry {
  readonly path: string;
  /** bytes */
  readonly size: number;
}

/** A container of files with random access: a tar, a zip, a directory, or memory. */
export interface Archive extends AsyncDisposable {
  /** Which form it has, for people. */
  readonly shape: 'tar' | 'zip' | 'dir' | 'memory';
  /** Every entry in the order of the archive, each checked as it passes. @throws `ERR_ARCHIVE_INVALID` */
  entries(): AsyncIterable<ArchiveEntry>;
  /** Yields an entry's bytes from `offset` on. @throws `ERR_CONTENT_NOT_FOUND`, `ERR_ARCHIVE_INVALID` when it is cut short */
  stream(
    path: string,
    options?: { readonly offset?: number; readonly signal?: AbortSignal | undefined },
  ): ByteStream;
}
