import { Gate, type Turn } from '../gate.ts';
import type { Quota } from './quota.ts';
import { wait } from './wait.ts';

/** Warn at this many remaining requests, before the host refuses. */
const LOW = 10;

/** The state of one origin, shared by all requests to it: how many are in flight, and how long it must be left alone. */
export class Host {
  /** Whether it has ever answered. A host that never did is more likely misspelt than restarting. */
  answered = false;
  /** Whether it has sent bytes where none belong, such as a body after a HEAD. */
  isGarbled = false;
  readonly #gate: Gate;
  #isLow = false;
  /** On the monotonic clock (milliseconds). */
  #pausedUntil = 0;

  constructor(concurrency: number) {
    this.#gate = new Gate(concurrency);
  }

  /** Waits for the end of a pause and for a place; dispose of the place once the answer has been read. */
  async enter(turn: Turn = {}): Promise<AsyncDisposable> {
    for (;;) {
      await this.#peace(turn.signal);
      const place = await this.#gate.enter(turn);
      if (this.#pauseLeft() <= 0) return place;
      // The pause began while this request was in line.
      await place[Symbol.asyncDispose]();
    }
  }

  /** Returns whether the quota has just become low. */
  runsLow({ remaining }: Quota): boolean {
    const isNews = remaining <= LOW && !this.#isLow;
    this.#isLow = remaining <= LOW;
    return isNews;
  }

  /** Lets no request in for `seconds`. Returns whether that is a new pause, or makes the current one clearly longer. */
  pause(seconds: number): boolean {
    const until = performance.now() + seconds * 1000;
    // Answers to simultaneous requests ask for the same pause a moment apart.
    const isNews = this.#pauseLeft() <= 0 || until > this.#pausedUntil + 5000;
    this.#pausedUntil = Math.max(this.#pausedUntil, until);
    return isNews;
  }

  async #peace(signal: AbortSignal | undefined): Promise<void> {
    for (let left = this.#pauseLeft(); left > 0; left = this.#pauseLeft()) await wait(left / 1000, signal);
  }

  #pauseLeft(): number {
    return this.#pausedUntil - performance.now();
  }
}
