import type { SaddlebagError } from '../internal/error.ts';

/** A file in an archive. Its path has passed the guard. */
export interface ArchiveEntry {
  readonly path: string;
  /** bytes */
  readonly size: number;
  /** What is wrong with the volumes that hold it, even if it has the right size. */
  readonly volumeFault?: SaddlebagError | undefined;
}

/** An entry and where its bytes begin. */
export interface PlacedEntry extends ArchiveEntry {
  /** bytes from the start of the archive */
  readonly position: number;
}
