import type { ByteWriter } from '../byte-file.ts';

/** So much is gathered (bytes), or so many pieces of it. */
const BATCH = 512 * 1024;
const PIECES = 128;
/** How long a piece waits for others (milliseconds). */
const PATIENCE = 100;

/** Bytes, and where they go. */
export interface Piece<T> {
  readonly position: number;
  readonly chunks: readonly Uint8Array[];
  /** What it is, for whoever is told that it is written. */
  readonly of: T;
}

/**
 * Gathers small pieces and writes those that are adjacent at once: a thread of the system is asked for each write, which takes longer
 * than to write a few kilobytes. After a failure nothing is written any more.
 */
export class GatheredWrites<T> {
  readonly #writer: ByteWriter;
  readonly #onWritten: (written: readonly T[]) => void;
  #pieces: Piece<T>[] = [];
  #bytes = 0;
  #writing: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;

  /** `onWritten` is called after each write with what it wrote. */
  constructor(writer: ByteWriter, onWritten: (written: readonly T[]) => void) {
    this.#writer = writer;
    this.#onWritten = onWritten;
  }

  /** Takes a piece, whose bytes must not change any more; returns when there is room for the next. @throws what a write threw */
  async add(piece: Piece<T>): Promise<void> {
    this.#pieces.push(piece);
    for (const { length } of piece.chunks) this.#bytes += length;
    if (this.#bytes >= BATCH || this.#pieces.length >= PIECES) await this.flush();
    // The next one throws what is thrown here.
    else this.#timer ??= setTimeout(() => void this.flush().catch(() => undefined), PATIENCE);
  }

  /** Returns once everything is written. @throws what a write threw */
  async flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#writing = this.#writing.then(() => this.#write());
    await this.#writing;
  }

  async #write(): Promise<void> {
    const pieces = this.#pieces.sort((one, other) => one.position - other.position);
    this.#pieces = [];
    this.#bytes = 0;
    for (let start = 0; start < pieces.length;) {
      const run = runOf(pieces, start);
      const chunks = run.flatMap((piece) => piece.chunks);
      await this.#writer.write(chunks, run[0]?.position ?? 0);
      this.#onWritten(run.map(({ of }) => of));
      start += run.length;
    }
  }
}

/** Returns the pieces from `start` on that lie one behind the other. */
function runOf<T>(pieces: readonly Piece<T>[], start: number): readonly Piece<T>[] {
  let [end, at] = [start, pieces[start]?.position ?? 0];
  for (; end < pieces.length && pieces[end]?.position === at; end += 1)
    for (const { length } of pieces[end]?.chunks ?? []) at += length;
  return pieces.slice(start, end);
}
