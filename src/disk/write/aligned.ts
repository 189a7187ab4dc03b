/** Direct writes begin and end at multiples of this (bytes), on disk and in memory: no disk in use has larger blocks. */
export const PAGE = 4096;
/** Pages of WebAssembly (bytes). */
const WASM_PAGE = 65_536;

/** The part of it that is used here: the types of Node.js know its names alone. */
declare const WebAssembly: {
  readonly Memory: new (size: {
    readonly initial: number;
    readonly maximum: number;
    readonly shared: true;
  }) => { readonly buffer: unknown };
};

/** Memory that begins at a page. */
const aligned = new WeakSet<ArrayBufferLike>();

/** Returns whether bytes that go to `position` of a file (bytes) are as far from a page in memory as they are on disk. */
export function isAligned(bytes: Uint8Array, position: number): boolean {
  return aligned.has(bytes.buffer) && (bytes.byteOffset - position) % PAGE === 0;
}

/** Runs of memory of one size, a multiple of {@link PAGE}, that begin at a page and that threads share; used again and again. */
export class AlignedMemory {
  readonly #size: number;
  readonly #spare: Uint8Array[];

  /** Takes the size of a run (bytes), and how many of them are used at once. */
  constructor(size: number, count: number) {
    this.#size = size;
    const whole = wholePages(size * count);
    this.#spare = Array.from({ length: count }, (_, index) => new Uint8Array(whole, index * size, size));
  }

  take(): Uint8Array {
    return this.#spare.pop() ?? new Uint8Array(new SharedArrayBuffer(this.#size));
  }

  /** Returns memory as long as there is some of its own. */
  takeSpare(): Uint8Array | undefined {
    return this.#spare.pop();
  }

  keep(memory: Uint8Array): void {
    if (aligned.has(memory.buffer)) this.#spare.push(memory);
  }
}

/** Nothing else that a program in JavaScript may ask for begins at a page. The system gives it room only where it is used. */
function wholePages(size: number): SharedArrayBuffer {
  try {
    const pages = Math.ceil(size / WASM_PAGE);
    const { buffer } = new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
    if (!(buffer instanceof SharedArrayBuffer)) return new SharedArrayBuffer(size);
    aligned.add(buffer);
    return buffer;
  } catch {
    // It reserves many addresses, which a limit of them may forbid (setrlimit(2), `RLIMIT_AS`); any memory will do.
    return new SharedArrayBuffer(size);
  }
}
