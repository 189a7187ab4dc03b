import { redactUrl } from '../../internal/http/redact.ts';
import type { Digest } from '../../oci/digest.ts';

/** A chart that a source looks up. */
export type ChartQuestion =
  | RepositoryQuestion
  /** A local packed chart, as it is now. */
  | { readonly path: string; readonly digest: Digest };

/** A chart in a Helm repository. */
export interface RepositoryQuestion {
  readonly repository: string;
  readonly name: string;
  readonly version: string;
}

/** Where a chart is; for a local chart, the content it must have. */
export interface ChartLocation {
  /** `http`, `https` or `oci`. */
  readonly url?: string | undefined;
  /** Digest of the packed chart, if the repository lists it. */
  readonly digest?: Digest | undefined;
}

/** Returns what messages call a chart. */
export function chartTitle(wanted: ChartQuestion): string {
  if ('path' in wanted) return `chart "${wanted.path}"`;
  return `chart "${wanted.name}" ${wanted.version} of "${redactUrl(wanted.repository)}"`;
}
