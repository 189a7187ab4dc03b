import type { Finding } from '../../internal/finding.ts';

/** A finding about a file, with its place. */
export interface PlacedFinding extends Finding {
  readonly line: number;
  readonly column: number;
}
