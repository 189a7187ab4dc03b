import type { SaddlebagError } from '../../internal/error.ts';
import type { ErrorCode } from '../../internal/error-code.ts';
import { ProblemsError } from '../../internal/problems.ts';

/** One thing that is wrong with a bundle. */
export interface Problem {
  readonly code: ErrorCode;
  /** The file of the bundle it is about; the bundle's own path when it is about the whole. */
  readonly path: string;
  readonly message: string;
  readonly hint?: string | undefined;
}

/** Problems as they are found, each once: what is known to be damaged is not reported again for what follows from it. */
export class CheckReport {
  readonly #problems = new Map<string, Problem>();
  readonly #paths = new Set<string>();

  add(path: string, error: SaddlebagError): void {
    if (error instanceof ProblemsError) {
      for (const part of error.problems) this.add(path, part);
      return;
    }
    const { code, message, hint } = error;
    this.#paths.add(path);
    this.#problems.set(`${path}\n${code}\n${message}`, {
      code,
      path,
      message,
      hint,
    });
  }

  /** Returns whether nothing was found wrong with a file so far. */
  isSound(path: string): boolean {
    return !this.#paths.has(path);
  }

  get problems(): readonly Problem[] {
    return [...this.#problems.values()];
  }
}
