/** How long back a rate looks (milliseconds): long enough to be calm, short enough to notice a slow network. */
const WINDOW = 10_000;

/** Watches how fast bytes arrive. */
export class Rate {
  readonly #samples: { readonly at: number; readonly bytes: number }[] = [];

  /** Takes the bytes done so far, at a moment (milliseconds). What was there at the first sample does not count. */
  add(at: number, bytes: number): void {
    this.#samples.push({ at, bytes });
    while (this.#samples.length > 2 && at - (this.#samples[0]?.at ?? at) > WINDOW) this.#samples.shift();
  }

  /** Returns bytes a second, or `undefined` as long as there is nothing to tell it from. */
  perSecond(): number | undefined {
    const first = this.#samples[0];
    const last = this.#samples.at(-1);
    if (first === undefined || last === undefined || last.at === first.at) return undefined;
    return ((last.bytes - first.bytes) * 1000) / (last.at - first.at);
  }
}
