import { offInterrupt, onInterrupt, throwIfInterrupted } from './interrupt.ts';

/** How a caller waits for a place. */
export interface Turn {
  /** The lightest waiting caller goes first. 0 when left out. */
  readonly weight?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

interface Waiting {
  readonly weight: number;
  readonly enter: () => void;
}

/** A place at a gate, which can be given back only once. */
export class GatePlace implements AsyncDisposable {
  #leave: (() => void) | undefined;

  constructor(leave: () => void) {
    this.#leave = leave;
  }

  /** Lets the next caller in. */
  leave(): void {
    this.#leave?.();
    this.#leave = undefined;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.leave();
  }
}

/** Lets at most `limit` tasks run at once. The others wait: lighter before heavier, then first come, first served. */
export class Gate {
  #limit: number;
  /** In the order of their turns. */
  readonly #waiting: Waiting[] = [];
  #running = 0;

  constructor(limit: number) {
    this.#limit = Math.max(1, limit);
  }

  /** Runs `task` when there is room and returns its result; throws `ERR_INTERRUPTED` when `signal` fires first. */
  async run<T>(task: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    await using _place = await this.enter({ signal });
    return await task();
  }

  /** Waits for a place and returns it; dispose of it to let the next caller in. */
  async enter(turn: Turn = {}): Promise<GatePlace> {
    throwIfInterrupted(turn.signal);
    const place = this.enterNow();
    if (place !== undefined) return place;
    await this.#turn(turn);
    return new GatePlace(this.#leave);
  }

  /** Returns a place if there is one, without a wait. */
  enterNow(): GatePlace | undefined {
    if (this.#running >= this.#limit) return undefined;
    this.#running += 1;
    return new GatePlace(this.#leave);
  }

  /** Sets another limit. Nobody inside is turned out when it is lower than before. */
  resize(limit: number): void {
    this.#limit = Math.max(1, limit);
    this.#admit();
  }

  readonly #leave = (): void => {
    this.#running -= 1;
    this.#admit();
  };

  /** Hands places straight to the next in line, so that nobody who comes later gets in between. */
  #admit(): void {
    while (this.#running < this.#limit) {
      const next = this.#waiting.shift();
      if (next === undefined) return;
      this.#running += 1;
      next.enter();
    }
  }

  async #turn({ weight = 0, signal }: Turn): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const waiting: Waiting = { weight, enter: resolve };
    const giveUp = (): void => {
      const index = this.#waiting.indexOf(waiting);
      if (index !== -1) this.#waiting.splice(index, 1);
      reject(new Error('aborted'));
    };
    const heavier = this.#waiting.findIndex((other) => other.weight > weight);
    this.#waiting.splice(heavier === -1 ? this.#waiting.length : heavier, 0, waiting);
    onInterrupt(signal, giveUp);
    try {
      await promise;
    } catch {
      throwIfInterrupted(signal);
    } finally {
      offInterrupt(signal, giveUp);
    }
  }
}

/**
 * Maps `values` with at most `limit` calls in flight; results keep the order of the values. A waiting value costs nothing but
 * itself. The first failure wins, and no call begins after it.
 */
export async function mapConcurrently<T, R>(
  values: Iterable<T>,
  limit: number,
  map: (value: T) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  const queue = numbered(values);
  let isFailed = false;
  const work = async (): Promise<void> => {
    for (const [place, value] of queue) {
      if (isFailed) return;
      try {
        results[place] = await map(value);
      } catch (error) {
        isFailed = true;
        throw error;
      }
    }
  };
  await Promise.all(Array.from({ length: Math.max(1, limit) }, work));
  return results;
}

function* numbered<T>(values: Iterable<T>): Generator<[number, T], void, undefined> {
  let place = 0;
  for (const value of values) yield [place++, value];
}

/**
 * Yields the results of `map` in the order of the values, with at most `limit` calls in flight ahead of the reader. When the
 * reader stops early, it waits for the calls still in flight.
 */
export async function* mapAhead<T, R>(
  values: Iterable<T>,
  limit: number,
  map: (value: T) => Promise<R>,
): AsyncGenerator<Awaited<R>, void, undefined> {
  const started: Promise<R>[] = [];
  const next = (): Promise<R>[] => started.splice(0, 1);
  try {
    for (const value of values) {
      const result = map(value);
      // Awaiting the result reports the failure; until then it must not count as unhandled.
      result.catch(() => undefined);
      started.push(result);
      if (started.length >= limit) for (const first of next()) yield await first;
    }
    for (let [first] = next(); first !== undefined; [first] = next()) yield await first;
  } finally {
    await Promise.allSettled(started);
  }
}
