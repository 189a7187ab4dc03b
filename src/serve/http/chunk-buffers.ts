/** What is read and sent at once (bytes): few readers go fastest with much, many get their turns soonest with little. */
const LARGE = 256 * 1024;
const SMALL = 128 * 1024;
const MANY_READERS = 8;
/** As many as this of each size are kept for the next reader. */
const SPARE_LIMIT = 128;

/** The buffers of one reader. */
interface Pair extends AsyncDisposable {
  /** Returns the buffer for a chunk by its number; it is that of the chunk before the last one, too. */
  at(index: number): Uint8Array;
  /** Keeps them from being used again: something may still read from them. */
  abandon(): void;
}

/** Buffers that are used again: a fresh one for every chunk of every reader would be work for the collector alone. */
export class ChunkBuffers {
  readonly #spare: ReadonlyMap<number, Uint8Array[]> = new Map([
    [LARGE, []],
    [SMALL, []],
  ]);
  #readers = 0;

  /** Returns two buffers for `total` bytes. Dispose of them when nothing reads from them any more. */
  take(total: number): Pair {
    const size = Math.min(total, this.#readers < MANY_READERS ? LARGE : SMALL);
    const spare = this.#spare.get(size);
    const buffer = (): Uint8Array => spare?.pop() ?? Buffer.allocUnsafeSlow(size);
    const pair = [buffer(), ...(total > size ? [buffer()] : [])];
    this.#readers += 1;
    let isOurs = true;
    return {
      abandon: () => {
        isOurs = false;
      },
      at: (index) => pair[index % pair.length] ?? new Uint8Array(),
      [Symbol.asyncDispose]: async () => {
        this.#readers -= 1;
        if (isOurs && spare !== undefined && spare.length < SPARE_LIMIT) spare.push(...pair);
      },
    };
  }
}
