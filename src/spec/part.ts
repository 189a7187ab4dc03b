import type * as z from 'zod';
import type { WaitOptions } from '../oci/roles.ts';
import type { LockSection } from './lock/lock.ts';
import type { Path } from './yaml/place.ts';

/** What one source adds to the spec file. `Loaded` is what it makes of it. */
export interface SpecPart<Loaded = unknown> {
  /** Its keys, each with what may stand there; none of them has to be there. */
  readonly keys: Readonly<Record<string, z.ZodType>>;
  /** Those of its keys that put something into a bundle. */
  readonly content: readonly string[];
  readonly upstreams: readonly Upstream[];
  /** Where the lock has what it was answered. */
  readonly sections: readonly LockSection[];
  /** Reads what a spec says under its keys, and the files of this machine that are named there. `document` is a valid spec. */
  load(document: Readonly<Record<string, unknown>>, files: PartFiles): Promise<Loaded>;
}

/** A site that something is fetched from. */
export interface Upstream {
  /** Its key under `upstreams`. */
  readonly name: string;
  /** Where it is unless the spec says otherwise. */
  readonly url: string;
}

/** Where the files are that a spec names: paths start at its folder. */
export interface PartFiles extends WaitOptions {
  pathOf(written: string): string;
  /** Returns where a value of the spec is written, for people: `lab.yaml:5:5`. */
  placeOf(path: Path): string;
}
