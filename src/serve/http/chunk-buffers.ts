/** Chunk sizes (bytes): large chunks are fastest for few readers, small ones give many readers their turn sooner. */
const LARGE = 256 * 1024;
const SMALL = 128 * 1024;
const MANY_READERS = 8;
/** How many buffers of each size are kept for the next reader. */
const SPARE_LIMIT = 128;

/** The buffers of one reader. */
interface Pair extends AsyncDisposable {
  /** Returns the buffer for a chunk by its number. Chunks alternate between two buffers. */
  at(index: number): Uint8Array;
  /** Keeps the buffers from being reused: something may still read from them. */
  abandon(): void;
}

/** A pool of buffers: allocating one for every chunk would only burden the garbage collector. */
export class ChunkBuffers {
  readonly #spare: ReadonlyMap<number, Uint8Array[]> = new Map([
    [LARGE, []],
    [SMALL, []],
  ]);
  #readers = 0;

  /** Returns the buffers for `total` bytes, at most two. Dispose of them once nothing reads from them. */
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
