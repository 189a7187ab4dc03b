/**
 * Handles that are open together: when opening one fails, those before it are closed. Node 22 has no
 * `AsyncDisposableStack` yet.
 */
export class Handles implements AsyncDisposable {
  #held: AsyncDisposable[] = [];

  /** Takes care of `handle` and returns it. */
  use<T extends AsyncDisposable>(handle: T): T {
    this.#held.push(handle);
    return handle;
  }

  /** Returns the same handles in an owner of their own; this one has none any more. */
  move(): Handles {
    const moved = new Handles();
    [moved.#held, this.#held] = [this.#held, []];
    return moved;
  }

  /** Closes all of them, the last one first, and then throws what the first failure was. */
  async [Symbol.asyncDispose](): Promise<void> {
    const failures: unknown[] = [];
    for (const handle of this.#held.splice(0).toReversed()) {
      try {
        await handle[Symbol.asyncDispose]();
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw failures[0];
  }
}
