/**
 * Files that are opened on demand and stay open while there is room: a directory has more files, and an archive more
 * volumes, than a process may have open.
 */
export class OpenFiles<T extends AsyncDisposable> implements AsyncDisposable {
  readonly #open: (path: string) => Promise<T>;
  #limit: number;
  /** Least recently used first. */
  readonly #slots = new Map<string, Slot<T>>();
  readonly #closing = new Set<Promise<void>>();

  constructor(open: (path: string) => Promise<T>, options: { readonly limit: number }) {
    this.#open = open;
    this.#limit = options.limit;
  }

  /** Runs `task` with the file at `path`, which stays open until `task` ends. */
  async use<R>(path: string, task: (file: T) => Promise<R>): Promise<R> {
    const slot = this.#slots.get(path) ?? { file: this.#open(path), users: 0 };
    this.#slots.delete(path);
    this.#slots.set(path, slot);
    slot.users += 1;
    try {
      return await task(await slot.file);
    } catch (error) {
      // A file that could not be opened is tried again the next time.
      if (this.#slots.get(path) === slot && !(await opened(slot))) this.#slots.delete(path);
      throw error;
    } finally {
      slot.users -= 1;
      await this.#makeRoom();
    }
  }

  /** Waits until the files being closed to make room are closed. @throws what closing them throws */
  async settle(): Promise<void> {
    await Promise.all(this.#closing);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // A late caller still gets its answer, but leaves no file open.
    this.#limit = 0;
    const slots = [...this.#slots.values()];
    this.#slots.clear();
    await Promise.all([...this.#closing, ...slots.map((slot) => close(slot))]);
  }

  async #makeRoom(): Promise<void> {
    for (const [path, slot] of this.#slots) {
      if (this.#slots.size <= this.#limit) return;
      if (slot.users > 0) continue;
      this.#slots.delete(path);
      const closing = close(slot);
      this.#closing.add(closing);
      try {
        await closing;
      } finally {
        this.#closing.delete(closing);
      }
    }
  }
}

interface Slot<T> {
  readonly file: Promise<T>;
  users: number;
}

async function opened<T>(slot: Slot<T>): Promise<boolean> {
  return await slot.file.then(
    () => true,
    () => false,
  );
}

async function close<T extends AsyncDisposable>(slot: Slot<T>): Promise<void> {
  if (await opened(slot)) await (await slot.file)[Symbol.asyncDispose]();
}
