import type { Finding } from '../../internal/finding.ts';
import type { OutputStream, Style } from './style.ts';

/** The progress of a stage. */
export interface Advance {
  /** The activity: `Fetching`, `Verifying`. */
  readonly stage: string;
  /** What is counted besides bytes. */
  readonly count?: { readonly unit: string; readonly done: number; readonly total: number } | undefined;
  /** Bytes done, of `totalBytes`. */
  readonly bytes: number;
  /** Bytes of those transferred in this run, for the rate; defaults to all of them. */
  readonly movedBytes?: number | undefined;
  readonly totalBytes: number;
}

/** What the user sees on stderr while a command works. Disposing of it clears the terminal for the result. */
export interface Status extends Disposable {
  /** Reports an activity that has nothing to count yet. */
  stage(text: string): void;
  advance(advance: Advance): void;
  finding(finding: Finding): void;
}

export interface StatusOptions {
  readonly stream: OutputStream;
  readonly style: Style;
  readonly coloured: boolean;
  /** Shows only warnings and errors. */
  readonly quiet: boolean;
  /** Also reports what is fine. */
  readonly verbose: boolean;
  /** False on a terminal that cannot move its cursor, and in CI logs. */
  readonly live: boolean;
  /** Returns the time (milliseconds) of a monotonic clock. */
  readonly now?: (() => number) | undefined;
}
