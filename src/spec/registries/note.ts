import type { Path } from '../yaml/place.ts';

/** A problem in a `registries.yaml` that its schema cannot see. */
export interface Note {
  /** `error` for what has no effect or keeps K3s from starting, `warning` for what is probably not intended. */
  readonly level: 'error' | 'warning';
  readonly path: Path;
  /** Set when the problem is a key of the mapping at `path`. */
  readonly key?: string | undefined;
  readonly fact: string;
  readonly hint?: string | undefined;
  /** Set when K3s itself accepts it, but not the client that RKE2 and Rancher install nodes with. */
  readonly reader?: 'wharfie' | undefined;
}
