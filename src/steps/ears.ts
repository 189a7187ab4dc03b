import type { Finding } from '../internal/finding.ts';

/** How whoever asked hears of the work, and is heard. */
export interface Ears<Progress = unknown> {
  /** Fires when the work is to stop. */
  readonly signal?: AbortSignal | undefined;
  /** Hears of what is worth telling as it is found. */
  readonly onFinding?: ((finding: Finding) => void) | undefined;
  /** Hears how far the work is. */
  readonly onProgress?: ((progress: Progress) => void) | undefined;
}
