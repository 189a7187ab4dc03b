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
  return { size: next + END, entries, frame, pack: (open) => packFrame(frame(), entries, open) };
}
/** The padding of a file and the next header are adjacent, so they form one piece. */
function* frameOf(entries: Rows<PlacedEntry>, end: number): Generator<FramePiece> {
  let padding = 0;
  for (const { path, size, position } of entries) {
    const bytes = Buffer.concat([Buffer.alloc(padding), encodeTarHeader(path, size)]);
    yield { position: position - bytes.length, bytes };
    padding = paddingOf(size);
  }
  yield { position: end - padding, bytes: Buffer.alloc(padding + END) };
}

function paddingOf(size: number): number {
  return (TAR_BLOCK - (size % TAR_BLOCK)) % TAR_BLOCK;
}
