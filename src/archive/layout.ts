import type { ByteStream } from '../internal/bytes.ts';
import type { Rows } from '../internal/table/rows.ts';
import type { PlacedEntry } from './entry.ts';
import type { PlacedEntries } from './listing.ts';

export { Listing } from './listing.ts';

/** Where everything in an archive goes, known before there is any content. */
export interface ArchiveLayout {
  /** Size of the whole archive (bytes). */
  readonly size: number;
  /** The files in the order given, each with the position of its first byte. */
  readonly entries: Rows<PlacedEntry>;
  /**
   * Yields the whole archive from its first byte to its last, exactly `size` bytes. `open` returns the content of an
   * entry; it is called once for each, in the order of the entries, after everything before that content has been
   * consumed.
   */
  pack(open: (entry: PlacedEntry) => ByteStream): ByteStream;
}

/** Bytes of an archive that are not content, and where they go (bytes). */
export interface FramePiece {
  readonly position: number;
  readonly bytes: Uint8Array;
}

/**
 * A layout in which every byte outside the content is known in advance, so contents may come in any order. A form that
 * stores checksums of the content, such as zip, cannot have this, and is packed from start to end.
 */
export interface FramedLayout extends ArchiveLayout {
  readonly entries: PlacedEntries;
  /**
   * Everything that is not content: it fills the archive between the entries, with no gap and no overlap, in ascending
   * order.
   */
  frame(): Iterable<FramePiece>;
  /** Returns the piece of it that ends where the content at a position (bytes) begins, or where the archive ends, if there is one. */
  frameBefore(position: number): FramePiece | undefined;
}

/** Returns whether the contents of a layout may be written in any order. */
export function isFramed(layout: ArchiveLayout): layout is FramedLayout {
  return 'frame' in layout;
}

/** Yields frame and contents in the order of their positions. */
export async function* packFrame(
  frame: Iterable<FramePiece>,
  entries: Rows<PlacedEntry>,
  open: (entry: PlacedEntry) => ByteStream,
): ByteStream {
  let next = 0;
  for (const { position, bytes } of frame) {
    for (
      let entry = entries.at(next);
      entry !== undefined && entry.position <= position;
      entry = entries.at(next)
    ) {
      yield* open(entry);
      next += 1;
    }
    yield bytes;
  }
  for (const entry of entries.values().drop(next)) yield* open(entry);
}
