/** What is read and sent at once (bytes): a disk likes it larger, memory and fairness smaller. */
const CHUNK = 256 * 1024;
/** As many as this are kept for the next reader. */
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
  readonly #spare: Uint8Array[] = [];

  /** Returns two buffers for `total` bytes. Dispose of them when nothing reads from them any more. */
  take(total: number): Pair {
    const size = Math.min(total, CHUNK);
    const isUsual = size === CHUNK;
    const buffer = (): Uint8Array =>
      (isUsual ? this.#spare.pop() : undefined) ?? Buffer.allocUnsafeSlow(size);
    const pair = [buffer(), ...(total > CHUNK ? [buffer()] : [])];
    let isOurs = true;
    return {
      abandon: () => {
        isOurs = false;
      },
      at: (index) => pair[index % pair.length] ?? new Uint8Array(),
      [Symbol.asyncDispose]: async () => {
        if (isOurs && isUsual && this.#spare.length < SPARE_LIMIT) this.#spare.push(...pair);
      },
    };
  }
}
