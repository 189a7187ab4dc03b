import { isSaddlebagError } from '../../internal/error.ts';
import { throwIfInterrupted } from '../../internal/interrupt.ts';

/** Does the same work once for all who ask for it at the same time. */
export class SingleFlight<T> {
  readonly #flights = new Map<string, Promise<T>>();

  /**
   * Returns what `work` returns, or what the same work returns that is already under way. When whoever started it is
   * interrupted, the others start it again.
   */
  async run(key: string, work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    for (;;) {
      throwIfInterrupted(signal);
      const joined = this.#flights.get(key);
      if (joined === undefined) return await this.#start(key, work);
      try {
        return await joined;
      } catch (error) {
        if (!isSaddlebagError(error, 'ERR_INTERRUPTED')) throw error;
      }
    }
  }

  async #start(key: string, work: () => Promise<T>): Promise<T> {
    const flight = work();
    this.#flights.set(key, flight);
    try {
      return await flight;
    } finally {
      this.#flights.delete(key);
    }
  }
}
