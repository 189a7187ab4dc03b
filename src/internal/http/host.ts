import { Gate, type GatePlace, type Turn } from '../gate.ts';
import { throwIfInterrupted } from '../interrupt.ts';
import type { Quota } from './quota.ts';
import { RequestWindow } from './request-window.ts';
import { wait } from './wait.ts';

/** Requests in flight to one host that refuses none, when nobody says how many. */
export const REQUESTS_AT_ONCE = 32;
/** Of those, the most that may be large transfers: more of them only share the same line. */
export const TRANSFERS_AT_ONCE = 8;
/** What is up to this size (bytes) takes hardly longer than its round trip. */
export const SMALL_TRANSFER: number = 256 * 1024;

/** Warn at this many remaining requests, before the host refuses. */
const LOW = 10;

/** A place at the gate of a host. */
export class Place implements AsyncDisposable {
  /** See {@link RequestWindow.epoch}. */
  readonly epoch: number;
  readonly #request: GatePlace;
  readonly #transfer: GatePlace | undefined;

  constructor(epoch: number, request: GatePlace, transfer?: GatePlace) {
    this.epoch = epoch;
    this.#request = request;
    this.#transfer = transfer;
  }

  /** Lets the next request in. */
  leave(): void {
    this.#request.leave();
    this.#transfer?.leave();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.leave();
  }
}

/** The state of one origin, shared by all requests to it: how many are in flight, and how long it must be left alone. */
export class Host {
  /** Whether it has ever answered. A host that never did is more likely misspelt than restarting. */
  answered = false;
  /** Whether it has sent bytes where none belong, such as a body after a HEAD. */
  isGarbled = false;
  readonly #window: RequestWindow;
  readonly #requests: Gate;
  readonly #transfers: Gate;
  #isLow = false;
  /** On the monotonic clock (milliseconds). */
  #pausedUntil = 0;

  /** `concurrency` is for requests and for large transfers alike; the usual numbers when left out. */
  constructor(concurrency?: number) {
    this.#window = new RequestWindow(concurrency ?? REQUESTS_AT_ONCE);
    this.#requests = new Gate(this.#window.size);
    this.#transfers = new Gate(concurrency ?? TRANSFERS_AT_ONCE);
  }

  /** Waits for the end of a pause and for a place; dispose of the place once the answer has been read. */
  async enter(turn: Turn = {}): Promise<Place> {
    for (;;) {
      if (this.#pauseLeft() > 0) await this.#peace(turn.signal);
      throwIfInterrupted(turn.signal);
      const request = isLarge(turn) ? undefined : this.#requests.enterNow();
      if (request !== undefined) return new Place(this.#window.epoch, request);
      const place = await this.#stand(turn);
      if (this.#pauseLeft() <= 0) return place;
      // The pause began while this request was in line.
      place.leave();
    }
  }

  /** The host has answered a request without complaint. */
  took(): void {
    this.#window.grow();
    this.#requests.resize(this.#window.size);
  }

  /** The host has refused a request, or cut it off, because it has too many. `place` is the one it was sent from. */
  overflowed({ epoch }: Place): void {
    this.#window.shrink(epoch);
    this.#requests.resize(this.#window.size);
  }

  async #stand(turn: Turn): Promise<Place> {
    const transfer = isLarge(turn) ? await this.#transfers.enter(turn) : undefined;
    try {
      const request = await this.#requests.enter(turn);
      return new Place(this.#window.epoch, request, transfer);
    } catch (error) {
      transfer?.leave();
      throw error;
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
    return this.#pausedUntil === 0 ? 0 : this.#pausedUntil - performance.now();
  }
}

function isLarge({ weight = 0 }: Turn): boolean {
  return weight > SMALL_TRANSFER;
}
