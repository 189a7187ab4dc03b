/** Tells the time and when time has passed. A test hands in one that it moves by hand. */
export interface Clock {
  /** Returns the time (milliseconds) of a monotonic clock. */
  now(): number;
  /** Calls `task` at least once in so many milliseconds, until it is disposed of. It keeps no process alive. */
  every(milliseconds: number, task: () => void): Disposable;
}

export const SYSTEM_CLOCK: Clock = {
  now: () => performance.now(),
  every: (milliseconds, task) => {
    const timer = setInterval(task, milliseconds).unref();
    return { [Symbol.dispose]: () => clearInterval(timer) };
  },
};
