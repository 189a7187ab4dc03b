import type { Rows } from '../../internal/table/rows.ts';
import type { ArchiveEntry, PlacedEntry } from '../archive.ts';
import { type FramedLayout, type FramePiece, packFrame } from '../layout.ts';
import { PlacedEntries } from '../listing.ts';
import { encodeTarHeader, TAR_BLOCK } from './header.ts';

/**
 * Two blocks of zeros end a tar (POSIX). Ours ends right there: padding it to a record of 10 KiB only helps tape
 * drives, and the file size would no longer follow from its content.
 */
const END = 2 * TAR_BLOCK;

/** Returns the layout of a tar: for each file a header, then its content padded to a whole block. */
export function layoutTar(files: Rows<ArchiveEntry>): FramedLayout {
  const positions = new Float64Array(files.length);
  let [next, index] = [0, 0];
  for (const { size } of files) {
    const position = next + TAR_BLOCK;
    positions[index++] = position;
    next = position + size + paddingOf(size);
  }
  const entries = new PlacedEntries(files, positions);
  const frame = (): Iterable<FramePiece> => frameOf(entries, next);
  return {
    size: next + END,
    entries,
    frame,
    frameBefore: (position) => {
      if (position === next + END) return lastPiece(next, entries.at(entries.length - 1)?.size);
      const at = entries.indexBehind(position) - 1;
      const entry = entries.at(at);
      return entry?.position === position ? pieceBefore(entry, entries.at(at - 1)?.size) : undefined;
    },
    pack: (open) => packFrame(frame(), entries, open),
  };
}

function* frameOf(entries: Rows<PlacedEntry>, end: number): Generator<FramePiece> {
  let before: number | undefined;
  for (const entry of entries) {
    yield pieceBefore(entry, before);
    before = entry.size;
  }
  yield lastPiece(end, before);
}

/** The padding of the file before, of so many bytes, and the header are adjacent, so they form one piece. */
function pieceBefore({ path, size, position }: PlacedEntry, before = 0): FramePiece {
  const bytes = Buffer.concat([Buffer.alloc(paddingOf(before)), encodeTarHeader(path, size)]);
  return { position: position - bytes.length, bytes };
}

/** `end` is where the last file and its padding end (bytes). */
function lastPiece(end: number, before = 0): FramePiece {
  const padding = paddingOf(before);
  return { position: end - padding, bytes: Buffer.alloc(padding + END) };
}

function paddingOf(size: number): number {
  return (TAR_BLOCK - (size % TAR_BLOCK)) % TAR_BLOCK;
}
