import type { Path } from '../yaml/place.ts';

/** Something about a `registries.yaml` that its schema cannot see. */
export interface Note {
  /** `error` for what has no effect or keeps K3s from starting, `warning` for what is hardly meant. */
  readonly level: 'error' | 'warning';
  readonly path: Path;
  /** Set when a key of the mapping at `path` is the matter. */
  readonly key?: string | undefined;
  readonly fact: string;
  readonly hint?: string | undefined;
  /** Set when K3s itself has no trouble with it, but the client that RKE2 and Rancher install nodes with. */
  readonly reader?: 'wharfie' | undefined;
}
