import type { ReleaseTag } from '../../products/distribution/tag.ts';
import type { Upstream } from '../../spec/part.ts';

/** A distribution of Kubernetes whose releases are listed by GitHub and its channels by a channel server: K3s, RKE2. */
export interface Distribution {
  /** For messages: `K3s`. */
  readonly name: string;
  /** Name of the section of the lock that keeps its catalogue: `k3s`. */
  readonly section: string;
  /** The tag of a release, for messages and docs. */
  readonly example: string;
  readonly pattern: RegExp;
  /** Returns the parts of the tag of a release, or `undefined` for any other text. */
  readonly parse: (tag: string) => ReleaseTag | undefined;
  /** All that it was ever released for, sorted. */
  readonly architectures: readonly string[];
  /** Returns the architectures that a release with these assets supports, sorted. */
  readonly usable: (assets: ReadonlySet<string>) => readonly string[];
  readonly channels: Upstream;
  readonly releases: Upstream;
}
