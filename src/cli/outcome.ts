import type { SaddlebagError } from '../internal/error.ts';
import type { Style } from './display/style.ts';

/** What a command ends with when it did what it was asked. */
export interface Outcome {
  /** The result as text for people, without a line feed at its end. */
  readonly text: (style: Style) => string;
  /** The result as a JSON document. */
  readonly json: unknown;
  /** Why the answer is no all the same: a check that finds problems has a result too. It decides the exit status. */
  readonly failure?: SaddlebagError | undefined;
}
