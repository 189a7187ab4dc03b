import { type Channel, channel } from '../want.ts';

/** An image that another source names. */
export interface ImageWant {
  readonly reference: string;
  /** Set when nobody is sure that it exists: who names it and how that was found out, for a message. */
  readonly guessedFrom?: string | undefined;
  /** For Windows nodes; under one tag with the image for Linux where there is that. */
  readonly forWindows?: boolean | undefined;
  /** Of no use where Windows is not asked for. */
  readonly isWindowsOnly?: boolean | undefined;
}

/** Where images are asked for. */
export const IMAGES: Channel<ImageWant> = channel('images');
