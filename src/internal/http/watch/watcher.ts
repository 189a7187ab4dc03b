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

class Entry implements Watch {
  readonly request: number;
  readonly of: Watched;
  phase: Phase = 'connect';
  /** Since when it has been waiting (milliseconds); `undefined` while it rests. */
  since: number | undefined;
  /** How many times its silence was told. */
  told = 0;
  readonly #watcher: Pick<Watcher, 'begin' | 'rest'>;

  constructor(request: number, of: Watched, watcher: Pick<Watcher, 'begin' | 'rest'>) {
    this.request = request;
    this.of = of;
    this.#watcher = watcher;
  }

  waits(phase: Phase): void {
    if (this.since === undefined || this.phase !== phase) this.#watcher.begin(this, phase);
  }

  rests(): void {
    if (this.since !== undefined) this.#watcher.rest(this);
  }
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
  watch(of: Watched): Watch {
    this.#requests += 1;
    return new Entry(this.#requests, of, this);
  }

  /** It waits for something new. */
  begin(entry: Entry, phase: Phase): void {
    this.rest(entry);
    entry.phase = phase;
    entry.since = this.#clock.now();
    this.#entries.add(entry);
    this.#ticks ??= this.#clock.every(TICK, this.#look);
  }

  /** It waits no more. */
  rest(entry: Entry): void {
    entry.since = undefined;
    this.#entries.delete(entry);
    if (entry.told === 0) return;
    entry.told = 0;
    this.#onNotice({ type: 'silence-end', request: entry.request, host: entry.of.host });
  }

  [Symbol.dispose](): void {
    for (const entry of this.#entries) this.rest(entry);
    this.#ticks?.[Symbol.dispose]();
    this.#ticks = undefined;
  }

  readonly #look = (): void => {
    const now = this.#clock.now();
    for (const entry of this.#entries) {
      const silent = now - (entry.since ?? now);
      const due = Math.floor(silent / SILENCE);
      if (due <= entry.told) continue;
      entry.told = due;
      const { request, phase, of } = entry;
      const seconds = Math.floor(silent / 1000);
      this.#onNotice({
        type: 'silence',
        request,
        host: of.host,
        phase,
        seconds,
        try: of.try,
        tries: of.tries,
      });
    }
    if (this.#entries.size > 0) return;
    this.#ticks?.[Symbol.dispose]();
    this.#ticks = undefined;
  };
}
