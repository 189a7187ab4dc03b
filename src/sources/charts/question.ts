import { redactUrl } from '../../internal/http/redact.ts';
import type { Digest } from '../../oci/digest.ts';

/** A chart somebody asks for. */
export type ChartQuestion =
  | RepositoryQuestion
  /** A packed chart of this machine, as it is now. */
  | { readonly path: string; readonly digest: Digest };

/** A chart of a Helm repository. */
export interface RepositoryQuestion {
  readonly repository: string;
  readonly name: string;
  readonly version: string;
}

/** Where a chart is; of a chart of this machine, what it is to be. */
export interface ChartLocation {
  /** `http`, `https` or `oci`. */
  readonly url?: string | undefined;
  /** Of the packed chart, where the repository says so. */
  readonly digest?: Digest | undefined;
}

/** Returns what to call a chart in messages. */
export function chartTitle(wanted: ChartQuestion): string {
  if ('path' in wanted) return `chart "${wanted.path}"`;
  return `chart "${wanted.name}" ${wanted.version} of "${redactUrl(wanted.repository)}"`;
}
