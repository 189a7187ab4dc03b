import type { BaseContext } from 'clipanion';
import type { OutputStream } from './display/style.ts';
import type { Surroundings } from '../steps/surroundings.ts';
import type { Verbs } from '../verbs/verbs.ts';
import type { CommandPage } from './command-page.ts';

/** All that a command may know of the world: no command asks `process`. */
export interface CliContext extends BaseContext {
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  /** What the verbs find around them. */
  readonly surroundings: Surroundings;
  /** Fires when the user wants to stop. */
  readonly signal: AbortSignal;
  /** What the product can do. Given, so that commands can be tested without it. */
  readonly verbs: Verbs;
  /** Returns what there is to say about every command. */
  readonly pages: () => Promise<readonly CommandPage[]>;
  /** Version of the program. */
  readonly version: string;
}
