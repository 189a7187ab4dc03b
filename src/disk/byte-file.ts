import type { ByteStream, StreamOptions } from '../internal/bytes.ts';

/** A run of bytes in a file on disk, for code that opens the file itself, such as a worker thread. */
export interface Extent {
  readonly file: string;
  /** bytes */
  readonly position: number;
  /** bytes */
  readonly length: number;
}

/** A place in a compressed archive, or in one that a program sends: there is no way to it but to read what is before it. */
export interface PackedPlace {
  /** Path of the archive, or what else tells it from others. */
  readonly archive: string;
  /** Sends the archive anew, the same bytes; left out for a compressed file. */
  readonly resend?: (() => ByteStream) | undefined;
  /** of the first byte, once the archive is unpacked (bytes) */
  readonly position: number;
}

/** Where content is on this machine. */
export type ContentPlace = readonly Extent[] | PackedPlace;

/** Returns whether content is in a compressed archive. */
export function isPackedPlace(place: ContentPlace): place is PackedPlace {
  return 'archive' in place;
}

/** One of several files that form a whole when concatenated. */
export interface Volume {
  readonly file: string;
  /** bytes */
  readonly size: number;
}

/** The volumes of one archive or file, in order, with their paths. */
export interface VolumeSet {
  /** Path of the whole, if it were in one piece. */
  readonly base: string;
  readonly volumes: readonly Volume[];
}

/** Bytes that can be read at any position: a file, or concatenated volumes. */
export interface ByteReader extends AsyncDisposable {
  /** bytes */
  readonly size: number;
  /** Yields `length` bytes from `position`; ends early only at the end of the file. */
  stream(position: number, length: number, options?: StreamOptions): ByteStream;
  /** Returns up to `length` bytes from `position`: for headers and documents, not for content. */
  read(position: number, length: number): Promise<Uint8Array>;
  /** Returns where those bytes are on disk, in order; left out when they are not in a file. */
  extents?(position: number, length: number): readonly Extent[];
  /** The volumes behind the reader; left out when it reads one file. */
  readonly volumes?: VolumeSet | undefined;
}

/** Bytes that can be written at any position, in any order. */
export interface ByteWriter extends AsyncDisposable {
  write(chunks: readonly Uint8Array[], position: number): Promise<void>;
  /** Returns once everything written so far would survive a power cut. */
  sync(): Promise<void>;
}
