import { SaddlebagError } from '../../src/internal/error.ts';
import { ProblemsError } from '../../src/internal/problems.ts';

/** Returns the error of ours that a promise fails with; fails the test when it does not. */
export async function thrownBy(promise: Promise<unknown>): Promise<SaddlebagError> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof SaddlebagError) return error;
    throw error;
  }
  throw new Error('expected an error, and there was none');
}

/** Returns the problems in a failure, each as `CODE message`. */
export async function problemsOf(promise: Promise<unknown>): Promise<readonly string[]> {
  return (await allOf(promise)).map(({ code, message }) => `${code} ${message}`);
}

/** Returns the hints of the problems in a failure. */
export async function hintsOf(promise: Promise<unknown>): Promise<readonly (string | undefined)[]> {
  return (await allOf(promise)).map(({ hint }) => hint);
}

async function allOf(promise: Promise<unknown>): Promise<readonly SaddlebagError[]> {
  const error = await thrownBy(promise);
  return error instanceof ProblemsError ? error.problems : [error];
}
