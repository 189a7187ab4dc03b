import type { TestRun } from './tests.ts';
import type { Workshop } from './workshop.ts';

/** Whether tests pass in time without any change; checked once. */
export class Honest {
  readonly #workshop: Workshop;
  /** seconds */
  readonly #limit: number;
  readonly #known = new Map<string, boolean>();

  constructor(workshop: Workshop, options: { readonly limit: number }) {
    this.#workshop = workshop;
    this.#limit = options.limit;
  }

  async pass(run: TestRun): Promise<boolean> {
    const key = `${run.files.join(' ')} ${run.pattern ?? ''}`;
    const known = this.#known.get(key) ?? (await this.#workshop.test(run, this.#limit)).outcome === 'passed';
    this.#known.set(key, known);
    return known;
  }
}
