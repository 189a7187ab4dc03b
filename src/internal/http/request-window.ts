/** Requests in flight to a host that has not answered any yet. */
const START = 8;
/** However often a host refuses, so many requests are sent at once. */
const LEAST = 2;

/**
 * How many requests a host gets at once. It begins small, grows by one with each answer, and is halved when the host has had too
 * many; from then on it grows by one with each round of answers (RFC 5681, "Slow Start and Congestion Avoidance").
 */
export class RequestWindow {
  readonly #most: number;
  #size: number;
  /** Above this size, it grows slowly. */
  #threshold: number;
  #epoch = 0;

  constructor(most: number) {
    this.#most = most;
    this.#threshold = most;
    this.#size = Math.min(START, most);
  }

  /** Requests at once. */
  get size(): number {
    return Math.floor(this.#size);
  }

  /** How often it was halved. A request that was sent before the last time says nothing about the size since. */
  get epoch(): number {
    return this.#epoch;
  }

  grow(): void {
    const step = this.#size < this.#threshold ? 1 : 1 / this.#size;
    this.#size = Math.min(this.#most, this.#size + step);
  }

  /** Halves the window for a request that was sent in `epoch`. */
  shrink(epoch: number): void {
    if (epoch !== this.#epoch) return;
    this.#epoch += 1;
    this.#size = Math.min(this.#size, Math.max(LEAST, this.#size / 2));
    this.#threshold = this.#size;
  }
}
