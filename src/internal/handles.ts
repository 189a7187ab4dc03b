/**
 * Handles that are opened together: when opening one fails, the earlier ones are closed. Node 22 has no `AsyncDisposableStack`
 * yet.
 */
export class Handles implements AsyncDisposable {
  #held: AsyncDisposable[] = [];

  /** Takes ownership of `handle` and returns it. */
  use<T extends AsyncDisposable>(handle: T): T {
    this.#held.push(handle);
    return handle;
  }

  /** Moves the handles to a new owner and returns it; this one is empty afterwards. */
  move(): Handles {
    const moved = new Handles();
    [moved.#held, this.#held] = [this.#held, []];
    return moved;
  }

  /** Closes all of them, the last one first, then throws the first failure. */
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
