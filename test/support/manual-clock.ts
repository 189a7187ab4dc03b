import type { Clock } from '../../src/internal/http/watch/clock.ts';

/** A clock that a test moves by hand. */
export class ManualClock implements Clock {
  #now = 0;
  readonly #tasks = new Set<{ readonly milliseconds: number; due: number; readonly task: () => void }>();

  now(): number {
    return this.#now;
  }

  every(milliseconds: number, task: () => void): Disposable {
    const entry = { milliseconds, due: this.#now + milliseconds, task };
    this.#tasks.add(entry);
    return { [Symbol.dispose]: () => void this.#tasks.delete(entry) };
  }

  /** How many tasks wait for it. */
  get tasks(): number {
    return this.#tasks.size;
  }

  /** Lets time pass (seconds) at once, as on a host that was asleep. */
  skip(seconds: number): void {
    this.#now += seconds * 1000;
    for (const entry of this.#tasks) entry.due = this.#now + entry.milliseconds;
  }

  /** Lets time pass (seconds), and calls what is due meanwhile. */
  pass(seconds: number): void {
    const end = this.#now + seconds * 1000;
    for (;;) {
      const next = [...this.#tasks].toSorted((one, other) => one.due - other.due)[0];
      if (next === undefined || next.due > end) break;
      this.#now = next.due;
      next.due += next.milliseconds;
      next.task();
    }
    this.#now = end;
  }
}
