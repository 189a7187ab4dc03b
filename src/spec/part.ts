import type * as z from 'zod';
import type { WaitOptions } from '../oci/roles.ts';
import type { LockSection } from './lock/lock.ts';
import type { Path } from './yaml/place.ts';

/** What one source adds to the spec file. `Loaded` is what reading it returns. */
export interface SpecPart<Loaded = unknown> {
  /** Its keys with their schemas; all are optional. */
  readonly keys: Readonly<Record<string, z.ZodType>>;
  /** The keys that add content to a bundle. */
  readonly content: readonly string[];
  readonly upstreams: readonly Upstream[];
  /** Where the lock keeps answers for it. */
  readonly sections: readonly LockSection[];
  /** Reads a spec's content under its keys, and the local files named there. `document` is a valid spec. */
  load(document: Readonly<Record<string, unknown>>, files: PartFiles): Promise<Loaded>;
}

/** A site that content is fetched from. */
export interface Upstream {
  /** Its key under `upstreams`. */
  readonly name: string;
  /** Its address unless the spec says otherwise. */
  readonly url: string;
  /** Further addresses that are tried in this order, for one that may be a list in the spec. */
  readonly others?: readonly string[] | undefined;
  /** What is fetched from it, and where that is below it, for the docs. */
  readonly holds: string;
}

/** Local files that a spec names: paths are relative to its folder. */
export interface PartFiles extends WaitOptions {
  pathOf(written: string): string;
  /** Returns where a value of the spec is written, for people: `lab.yaml:5:5`. */
  placeOf(path: Path): string;
}
