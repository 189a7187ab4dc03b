import type { SaddlebagError } from '../../src/internal/error.ts';
import { ProblemsError } from '../../src/internal/problems.ts';
import { thrownBy } from './thrown.ts';

/** Returns the error of ours that a task, waiting or not, ends with; fails the test when it does not. */
export async function failureOf(task: () => unknown): Promise<SaddlebagError> {
  return await thrownBy((async () => await task())());
}

/** Returns the problems in an error as `message | hint`, in order. */
export function problemsIn(error: SaddlebagError): readonly string[] {
  if (!(error instanceof ProblemsError)) return [];
  return error.problems.map(({ message, hint }) => (hint === undefined ? message : `${message} | ${hint}`));
}
