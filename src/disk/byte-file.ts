import type { ByteStream, StreamOptions } from '../internal/bytes.ts';

/** A run of bytes in a file on disk, for whoever opens that file by itself, such as a worker thread. */
export interface Extent {
  readonly file: string;
  /** bytes */
  readonly position: number;
  /** bytes */
  readonly length: number;
}

/** One of several files that make up a whole when they are laid end to end. */
export interface Volume {
  readonly file: string;
  /** bytes */
  readonly size: number;
}

/** The volumes of one thing, in order, where they are. */
export interface VolumeSet {
  /** What the thing would be called in one piece. */
  readonly base: string;
  readonly volumes: readonly Volume[];
}

/** Bytes that can be read anywhere: a file, or the volumes of one laid end to end. */
export interface ByteReader extends AsyncDisposable {
  /** bytes */
  readonly size: number;
  /** Yields `length` bytes from `position` on; ends early only at the end of the file. */
  stream(position: number, length: number, options?: StreamOptions): ByteStream;
  /** Returns up to `length` bytes from `position`: for headers and documents, not for content. */
  read(position: number, length: number): Promise<Uint8Array>;
  /** Returns where those bytes are on disk, in order; left out by readers of what is in no file. */
  extents?(position: number, length: number): readonly Extent[];
  /** The volumes it lies in; left out when it is in one piece. */
  readonly volumes?: VolumeSet | undefined;
}

/** Bytes that can be written anywhere, in any order. */
export interface ByteWriter extends AsyncDisposable {
  write(chunks: readonly Uint8Array[], position: number): Promise<void>;
  /** Returns when everything written so far would outlive a power cut. */
  sync(): Promise<void>;
}
