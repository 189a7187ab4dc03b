import type { Clock } from './clock.ts';
import type { NetworkNotice, Phase, TryCount } from './notice.ts';

/** Milliseconds of silence after which it is told, and told again. */
const SILENCE = 5000;
/** How often to look (milliseconds). */
const TICK = 1000;

/** One request under the eyes of a {@link Watcher}. A reader that rests is no silence of the host. */
export interface Watch {
  /** It waits for the other side from now on. */
  waits(phase: Phase): void;
  /** Something came, or nobody waits any more. */
  rests(): void;
}

/** Who a request goes to. */
export interface Watched extends TryCount {
  readonly host: string;
}

interface Entry extends Watched {
  readonly request: number;
  phase: Phase;
  /** Since when it has been waiting (milliseconds); `undefined` while it rests. */
  since: number | undefined;
  /** How many times its silence was told. */
  told: number;
}

/** Tells of requests whose hosts are silent. It looks at the clock once a second, and only while a request waits. */
export class Watcher implements Disposable {
  readonly #clock: Clock;
  readonly #onNotice: (notice: NetworkNotice) => void;
  readonly #entries = new Set<Entry>();
  #ticks: Disposable | undefined;
  #requests = 0;

  constructor(clock: Clock, onNotice: (notice: NetworkNotice) => void) {
    this.#clock = clock;
    this.#onNotice = onNotice;
  }

  /** Watches a request until it is at rest for good. */
  watch({ host, try: number, tries }: Watched): Watch {
    this.#requests += 1;
    const entry: Entry = {
      request: this.#requests,
      host,
      try: number,
      tries,
      phase: 'connect',
      since: undefined,
      told: 0,
    };
    return {
      waits: (phase) => {
        if (entry.since === undefined || entry.phase !== phase) this.#rest(entry);
        else return;
        entry.phase = phase;
        entry.since = this.#clock.now();
        this.#entries.add(entry);
        this.#ticks ??= this.#clock.every(TICK, this.#look);
      },
      rests: () => this.#rest(entry),
    };
  }

  [Symbol.dispose](): void {
    for (const entry of this.#entries) this.#rest(entry);
    this.#ticks?.[Symbol.dispose]();
    this.#ticks = undefined;
  }

  #rest(entry: Entry): void {
    entry.since = undefined;
    this.#entries.delete(entry);
    if (entry.told === 0) return;
    entry.told = 0;
    this.#onNotice({ type: 'silence-end', request: entry.request, host: entry.host });
  }

  readonly #look = (): void => {
    const now = this.#clock.now();
    for (const entry of this.#entries) {
      const silent = now - (entry.since ?? now);
      const due = Math.floor(silent / SILENCE);
      if (due <= entry.told) continue;
      entry.told = due;
      const { request, host, phase, tries } = entry;
      const seconds = Math.floor(silent / 1000);
      this.#onNotice({ type: 'silence', request, host, phase, seconds, try: entry.try, tries });
    }
    if (this.#entries.size > 0) return;
    this.#ticks?.[Symbol.dispose]();
    this.#ticks = undefined;
  };
}
