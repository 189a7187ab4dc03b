import { isSaddlebagError } from '../../internal/error.ts';
import { throwIfInterrupted } from '../../internal/interrupt.ts';

/** Shares one execution among all concurrent callers. */
export class SingleFlight<T> {
  readonly #flights = new Map<string, Promise<T>>();

  /**
   * Returns what `work` returns, or the result of the same work already in progress. When the caller that started it is
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
