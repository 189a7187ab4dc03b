/** The window of the rate (milliseconds): long enough to be steady, short enough to show a slow network. */
const WINDOW = 10_000;

/** Measures throughput. */
export class Rate {
  readonly #samples: { readonly at: number; readonly bytes: number }[] = [];

  /** Takes the bytes done so far and the time (milliseconds). The bytes of the first sample do not count. */
  add(at: number, bytes: number): void {
    const last = this.#samples.at(-1);
    // Many samples a second say no more than one.
    if (last !== undefined && this.#samples.length > 1 && at - last.at < WINDOW / 100) this.#samples.pop();
    this.#samples.push({ at, bytes });
    this.#forget(at);
  }

  /** Returns bytes per second at a time (milliseconds), which falls while nothing comes, or `undefined` until there is enough data. */
  perSecond(now: number): number | undefined {
    this.#forget(now);
    const first = this.#samples[0];
    const last = this.#samples.at(-1);
    if (first === undefined || last === undefined || now <= first.at) return undefined;
    return ((last.bytes - first.bytes) * 1000) / (now - first.at);
  }

  /** One sample from before the window stays: what came since then came within it. */
  #forget(now: number): void {
    while (this.#samples.length > 1 && now - (this.#samples[1]?.at ?? now) >= WINDOW) this.#samples.shift();
  }
}
