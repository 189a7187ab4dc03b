import type { NetworkNotice } from '../internal/http/watch/notice.ts';
import type { Finding } from '../internal/finding.ts';

/** How a caller follows the work and stops it. */
export interface Ears<Progress = unknown> {
  /** Aborts the work. */
  readonly signal?: AbortSignal | undefined;
  /** Called with each notice as soon as there is one. */
  readonly onFinding?: ((finding: Finding) => void) | undefined;
  /** Called with the progress. */
  readonly onProgress?: ((progress: Progress) => void) | undefined;
  /** Called with what the network keeps the work waiting for. */
  readonly onNetwork?: ((notice: NetworkNotice) => void) | undefined;
}
