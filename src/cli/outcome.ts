import type { SaddlebagError } from '../internal/error.ts';
import type { Style } from './display/style.ts';

/**
 * The outcome of a command that did its work. What a command states here as its result is what its JSON Schema is generated from,
 * comments and all.
 */
export interface Outcome<Result> {
  /** The result as text, without a trailing newline. */
  readonly text: (style: Style) => string;
  /** The result as a JSON document. */
  readonly json: Result;
  /** Why the answer is still negative: a check that finds problems also has a result. It decides the exit status. */
  readonly failure?: SaddlebagError | undefined;
  /** What the user can do next, in order; told on stderr after a success. */
  readonly next?: readonly NextStep[] | undefined;
}

/** Something to do next. */
export interface NextStep {
  /** What to do; with a command, where or why to run it. */
  readonly text: string;
  /** A command line as the user types it; what is in capitals is to be filled in. */
  readonly command?: string | undefined;
  /** What is to be carried across. */
  readonly paths?: readonly string[] | undefined;
}
