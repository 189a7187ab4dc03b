import { type Channel, channel } from '../want.ts';

/** An image that another source names. */
export interface ImageWant {
  readonly reference: string;
  /** Set when the image may not exist: who names it and how the name was found, for a message. */
  readonly guessedFrom?: string | undefined;
  /** Where it is named, for the message when it cannot be had: `deploy/web.yaml:12`. */
  readonly namedAt?: string | undefined;
  /** For these alone, `os/architecture[/variant]`, where the spec asks for platforms at all. */
  readonly platforms?: readonly string[] | undefined;
  /** For Windows nodes; shares its tag with the Linux image where there is one. */
  readonly forWindows?: boolean | undefined;
  /**
   * Where it goes at a registry in place of what the naming says: `repository:tag`, without the registry. Such an image is
   * taken whole, whatever platforms the spec asks for.
   */
  readonly at?: readonly string[] | undefined;
  /** Taken whole, whatever platforms the spec asks for: something names it by digest. */
  readonly isWhole?: boolean | undefined;
  /** Only useful when the spec asks for Windows. */
  readonly isWindowsOnly?: boolean | undefined;
}

/** The channel for requesting images. */
export const IMAGES: Channel<ImageWant> = channel('images');
