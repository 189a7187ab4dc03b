import type { ArchiveEntry } from '../archive.ts';
import { type FramedLayout, packFrame } from '../layout.ts';

/**
 * Returns the layout of a directory: its files concatenated, with nothing between them. The positions exist in no file;
 * they are those in the files taken as volumes.
 */
export function layoutDirectory(files: readonly ArchiveEntry[]): FramedLayout {
  let size = 0;
  const entries = files.map((file) => {
    const position = size;
    size += file.size;
    return { path: file.path, size: file.size, position };
  });
  return { size, entries, frame: () => [], pack: (open) => packFrame([], entries, open) };
}
