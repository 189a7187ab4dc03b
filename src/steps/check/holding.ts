import type { WaitOptions } from '../../oci/roles.ts';
import type { Wanted } from './wanted.ts';

/** Something that has images: a bundle, a registry, a node. */
export interface Holding {
  /** What people call it. */
  readonly name: string;
  /** Name of the archive in it that a node imports the images from; left out where they are images of its own. */
  readonly archive?: string | undefined;
  /** Returns what it has under a name, or under another name that an installed cluster finds it by. */
  find(wanted: Wanted, options?: WaitOptions): Promise<Held | undefined>;
  /** Full names of what it has, as far as it can tell; of what is read when it is first asked, all are known then. */
  readonly names: readonly string[];
}

/** An image that is there. */
export interface Held {
  /** `os/architecture[/variant]`; left out when it does not say. */
  readonly platforms?: readonly string[] | undefined;
}
