import type { NetworkNotice } from '../../../internal/http/watch/notice.ts';
import { formatDuration } from '../../../internal/format.ts';
import { Rate } from './rate.ts';
import { type Stage } from './stage.ts';
import type { Advance, UnderWay } from './status.ts';
import { Waits } from './waits.ts';

/** Milliseconds without progress after which it is told, even where no host is to blame. */
const STALL = 5000;

/** What is known of the work at one moment. */
export interface Facts {
  readonly stage: Stage;
  /** For a stage that has counted nothing so far. */
  readonly subject?: string | undefined;
  readonly advance?: Advance | undefined;
  /** Seconds since the stage began. */
  readonly seconds: number;
  /** Left out while nothing moves. */
  readonly bytesPerSecond?: number | undefined;
  readonly secondsLeft?: number | undefined;
  /** What is waited for, in sentences. */
  readonly waits: readonly string[];
  readonly underWay: readonly UnderWay[];
}

/** Follows the work of a command, for every voice. */
export class Work {
  readonly #waits = new Waits();
  #rate = new Rate();
  #now: { readonly stage: Stage; readonly subject?: string; readonly advance?: Advance } | undefined;
  #begun = 0;
  #moved = { at: 0, mark: '' };

  /** Begins a stage that counts nothing yet. */
  stage(stage: Stage, subject: string, at: number): void {
    this.#begin(at);
    this.#now = { stage, subject };
  }

  /** Takes progress. Returns whether it is the first of its stage. */
  advance(advance: Advance, at: number): boolean {
    const { stage, bytes = 0, movedBytes = bytes, count } = advance;
    const isNew = this.#now?.advance === undefined || this.#now.stage !== stage;
    if (isNew) this.#begin(at);
    this.#now = { stage, advance };
    const mark = `${bytes} ${count?.done} ${count?.total}`;
    if (mark !== this.#moved.mark) {
      // A stall says nothing about the rate of what comes after it.
      if (at - this.#moved.at >= STALL) this.#rate = new Rate();
      this.#moved = { at, mark };
    }
    this.#rate.add(at, movedBytes);
    return isNew;
  }

  /** Takes a notice. Returns whether it is news. */
  network(notice: NetworkNotice, at: number): boolean {
    return this.#waits.take(notice, at);
  }

  /** Returns what there is to say; nothing before the first stage. */
  facts(at: number): Facts | undefined {
    if (this.#now === undefined) return undefined;
    const { stage, subject, advance } = this.#now;
    const told = this.#waits.sentences(at);
    const still = at - this.#moved.at;
    const isStalled = advance !== undefined && still >= STALL && !isDone(advance);
    const waits =
      isStalled && told.length === 0 ? [`nothing for ${formatDuration(Math.floor(still / 1000))}`] : told;
    return {
      stage,
      subject,
      advance,
      seconds: (at - this.#begun) / 1000,
      ...this.#pace(isStalled ? undefined : advance, at),
      waits,
      underWay: advance?.underWay ?? [],
    };
  }

  #begin(at: number): void {
    this.#rate = new Rate();
    this.#begun = at;
    this.#moved = { at, mark: '' };
  }

  #pace(advance: Advance | undefined, at: number): Pick<Facts, 'bytesPerSecond' | 'secondsLeft'> {
    if (advance === undefined) return {};
    const { bytes = 0, totalBytes } = advance;
    const bytesPerSecond = this.#rate.perSecond(at);
    if (bytesPerSecond === undefined || bytesPerSecond < 1) return {};
    if (totalBytes === undefined) return { bytesPerSecond };
    return bytes < totalBytes ? { bytesPerSecond, secondsLeft: (totalBytes - bytes) / bytesPerSecond } : {};
  }
}

function isDone({ bytes, totalBytes, count }: Advance): boolean {
  const areBytes = totalBytes === undefined || bytes === totalBytes;
  return areBytes && (count === undefined || count.done === count.total);
}
