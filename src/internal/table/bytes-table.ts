import { HexTable } from './hex-table.ts';

/** Pieces lie in runs of memory of this size (bytes); a larger one has memory of its own. */
const RUN = 128 * 1024;
const ROOM = 16;

/**
 * Pieces of bytes by keys of 64 lower-case hex digits, one piece behind the other. In memory of its own, each of some hundred bytes
 * would take as much again.
 */
export class BytesTable {
  readonly #keys = new HexTable();
  readonly #runs: Uint8Array[] = [];
  /** Of each piece, the number of its run, and where in it the piece starts and ends. */
  #places = new Uint32Array(3 * ROOM);
  /** The run that is being filled, and how far. */
  #open = 0;
  #end = RUN;

  /** Keeps a copy of a piece under the key that `text` ends with from `start` on, unless there is one. */
  add(text: string, bytes: Uint8Array, start = 0): void {
    const index = this.#keys.length;
    if (!this.#keys.add(text, start)) return;
    if (this.#places.length === 3 * index) {
      const places = new Uint32Array(2 * this.#places.length);
      places.set(this.#places);
      this.#places = places;
    }
    this.#places.set(this.#put(bytes), 3 * index);
  }

  /** Returns a piece, which nobody may change; `undefined` where there is none. */
  get(text: string, start = 0): Uint8Array | undefined {
    const index = this.#keys.indexOf(text, start);
    const [run = 0, from, to] = this.#places.subarray(3 * index, 3 * index + 3);
    return index === -1 ? undefined : this.#runs[run]?.subarray(from, to);
  }

  #put(bytes: Uint8Array): readonly [run: number, start: number, end: number] {
    const { length } = bytes;
    if (length > RUN / 4) return [this.#runs.push(Uint8Array.from(bytes)) - 1, 0, length];
    if (this.#end + length > RUN) {
      this.#open = this.#runs.push(Buffer.allocUnsafeSlow(RUN)) - 1;
      this.#end = 0;
    }
    const start = this.#end;
    this.#runs[this.#open]?.set(bytes, start);
    this.#end += length;
    return [this.#open, start, this.#end];
  }
}
