import type { Workshop } from './workshop.ts';

/** Whether the tests pass in time without any change; checked once. */
export class Honest {
  readonly #workshop: Workshop;
  /** seconds */
  readonly #limit: number;
  readonly #known = new Map<string, boolean>();

  constructor(workshop: Workshop, options: { readonly limit: number }) {
    this.#workshop = workshop;
    this.#limit = options.limit;
  }

  async pass(tests: readonly string[]): Promise<boolean> {
    const key = tests.join(' ');
    const known =
      this.#known.get(key) ?? (await this.#workshop.test(tests, this.#limit)).outcome === 'passed';
    this.#known.set(key, known);
    return known;
  }
}
