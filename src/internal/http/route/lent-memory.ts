import type { Lease } from '../../lease.ts';

/** Bytes that are received at once at most. */
const SIZE = 256 * 1024;
/** Runs of memory kept for use again, the rest is freed: blobs of one size that are fetched at once end at once. */
const KEPT = 64;
/**
 * So many runs of memory are handed on before one may be used again. A reader that lets its chunks be used again needs three; the
 * sender of an upload has some more of them under way, because they are smaller than those of a file.
 */
const LAG = 6;

/**
 * Memory for what connections receive. It is lent to whoever reads an answer. One who says that it is done gives it back; from others
 * it does not come back, so that what they keep never changes.
 */
export class LentMemory {
  readonly #spare: Uint8Array[] = [];
  readonly #lent = new WeakSet<ArrayBufferLike>();

  /** Returns memory that nobody uses. */
  take(): Uint8Array {
    return this.#spare.pop() ?? Buffer.allocUnsafeSlow(SIZE);
  }

  /** Puts back what was taken and never lent. */
  keep(memory: Uint8Array): void {
    if (this.#spare.length < KEPT) this.#spare.push(memory);
  }

  /** Returns the first `count` bytes: lent, or copied if they are so few that much would be lent for little. */
  lend(memory: Uint8Array, count: number): { readonly bytes: Uint8Array; readonly isLent: boolean } {
    const bytes = memory.subarray(0, count);
    if (count < SIZE / 2) return { bytes: Buffer.from(bytes), isLent: false };
    this.#lent.add(memory.buffer);
    return { bytes, isLent: true };
  }

  /**
   * Returns what to call with each chunk that is handed on: it takes back the memory of those long ago, and of those that the
   * reader says it is done with.
   */
  takingBack(lease: Lease): (chunk: Uint8Array) => void {
    // An answer in pieces has several chunks in one run of memory, one behind the other.
    const recent: ArrayBufferLike[] = [];
    const take = (done: ArrayBufferLike): void => {
      if (this.#lent.delete(done)) this.keep(new Uint8Array(done));
    };
    lease.add({
      release: () => recent.splice(0, recent.length - 1).forEach(take),
      end: () => recent.splice(0).forEach(take),
    });
    return ({ buffer }) => {
      if (recent.at(-1) === buffer) return;
      recent.push(buffer);
      if (recent.length <= LAG) return;
      const [done] = recent.splice(0, 1);
      if (done !== undefined) take(done);
    };
  }
}
