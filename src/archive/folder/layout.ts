import type { Rows } from '../../internal/table/rows.ts';
import type { ArchiveEntry } from '../archive.ts';
import { type FramedLayout, packFrame } from '../layout.ts';
import { PlacedEntries } from '../listing.ts';

/**
 * Returns the layout of a directory: its files concatenated, with nothing between them. The positions exist in no file;
 * they are those in the files taken as volumes.
 */
export function layoutDirectory(files: Rows<ArchiveEntry>): FramedLayout {
  const positions = new Float64Array(files.length);
  let [size, index] = [0, 0];
  for (const file of files) {
    positions[index++] = size;
    size += file.size;
  }
  const entries = new PlacedEntries(files, positions);
  return {
    size,
    entries,
    frame: () => [],
    frameBefore: () => undefined,
    pack: (open) => packFrame([], entries, open),
  };
}
