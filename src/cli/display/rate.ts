/** The window of the rate (milliseconds): long enough to be steady, short enough to show a slow network. */
const WINDOW = 10_000;

/** Measures throughput. */
export class Rate {
  readonly #samples: { readonly at: number; readonly bytes: number }[] = [];

  /** Takes the bytes done so far and the time (milliseconds). The bytes of the first sample do not count. */
  add(at: number, bytes: number): void {
    this.#samples.push({ at, bytes });
    while (this.#samples.length > 2 && at - (this.#samples[0]?.at ?? at) > WINDOW) this.#samples.shift();
  }

  /** Returns bytes per second, or `undefined` until there is enough data. */
  perSecond(): number | undefined {
    const first = this.#samples[0];
    const last = this.#samples.at(-1);
    if (first === undefined || last === undefined || last.at === first.at) return undefined;
    return ((last.bytes - first.bytes) * 1000) / (last.at - first.at);
  }
}
