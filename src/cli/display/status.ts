import type { Finding } from '../../internal/finding.ts';
import type { OutputStream, Style } from './style.ts';

/** How far a stage of the work is. */
export interface Advance {
  /** What is being done: `Fetching`, `Verifying`. */
  readonly stage: string;
  /** What is counted beside bytes. */
  readonly count?: { readonly unit: string; readonly done: number; readonly total: number } | undefined;
  /** Bytes done, of `totalBytes`. */
  readonly bytes: number;
  /** Bytes among them that took time just now, for the rate; all of them when left out. */
  readonly movedBytes?: number | undefined;
  readonly totalBytes: number;
}

/** The voice on stderr while a command works. Disposing of it leaves the terminal clean for the result. */
export interface Status extends Disposable {
  /** Says what is being done when there is nothing to count yet. */
  stage(text: string): void;
  advance(advance: Advance): void;
  finding(finding: Finding): void;
}

export interface StatusOptions {
  readonly stream: OutputStream;
  readonly style: Style;
  readonly coloured: boolean;
  /** Leaves only warnings and errors. */
  readonly quiet: boolean;
  /** Also says what is in order. */
  readonly verbose: boolean;
  /** False on a terminal that cannot move its cursor, and in CI logs. */
  readonly live: boolean;
  /** Returns the time (milliseconds) of a clock that never goes back. */
  readonly now?: (() => number) | undefined;
}
