import type { ByteStream } from '../internal/bytes.ts';

/** Bytes that can be read anywhere: a file, or the volumes of one laid end to end. */
export interface ByteReader extends AsyncDisposable {
  /** bytes */
  readonly size: number;
  /** Yields `length` bytes from `position` on; ends early only at the end of the file. */
  stream(
    position: number,
    length: number,
    options?: { readonly signal?: AbortSignal | undefined },
  ): ByteStream;
  /** Returns up to `length` bytes from `position`: for headers and documents, not for content. */
  read(position: number, length: number): Promise<Uint8Array>;
}

/** Bytes that can be written anywhere, in any order. */
export interface ByteWriter extends AsyncDisposable {
  write(chunks: readonly Uint8Array[], position: number): Promise<void>;
  /** Returns when everything written so far would outlive a power cut. */
  sync(): Promise<void>;
}
