import type { BaseContext } from 'clipanion';
import type { OutputStream } from './display/style.ts';
import type { Surroundings } from '../steps/surroundings.ts';
import type { Verbs } from '../verbs/verbs.ts';
import type { CommandPage } from './command-page.ts';

/** Everything a command may know about its environment: no command reads `process`. */
export interface CliContext extends BaseContext {
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  /** The environment that is passed to the verbs. */
  readonly surroundings: Surroundings;
  /** Aborts when the user wants to stop. */
  readonly signal: AbortSignal;
  /** The product's functions, injected so that commands can be tested without them. */
  readonly verbs: Verbs;
  /** Returns the help pages of all commands. */
  readonly pages: () => Promise<readonly CommandPage[]>;
  /** The program's version. */
  readonly version: string;
}
