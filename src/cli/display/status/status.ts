import type { Clock } from '../../../internal/http/watch/clock.ts';
import type { SaddlebagError } from '../../../internal/error.ts';
import type { Finding } from '../../../internal/finding.ts';
import type { NetworkNotice } from '../../../internal/http/watch/notice.ts';
import type { NextStep } from '../../outcome.ts';
import type { OutputStream, Style } from '../style.ts';
import type { Stage } from './stage.ts';
import type { Voice } from './voice.ts';

/** One thing under way, as the user knows it. Bytes are left out where they are not counted. */
export interface UnderWay {
  readonly name: string;
  readonly bytes?: number | undefined;
  readonly totalBytes?: number | undefined;
}

/** The progress of a stage. */
export interface Advance {
  readonly stage: Stage;
  /** What is counted besides bytes. */
  readonly count?: Count | undefined;
  /** Bytes done, of `totalBytes`. */
  readonly bytes?: number | undefined;
  /** Bytes of those transferred in this run, for the rate; defaults to all of them. */
  readonly movedBytes?: number | undefined;
  /** Left out while nobody knows it. */
  readonly totalBytes?: number | undefined;
  readonly underWay?: readonly UnderWay[] | undefined;
}

/** Things done, of so many. */
interface Count {
  /** `blob`; left out for a mixture. */
  readonly unit?: string | undefined;
  readonly done: number;
  readonly total: number;
}

/** What the user sees on stderr while a command works. Disposing of it clears the terminal for the result. */
export interface Status extends Disposable {
  /**
   * Reports a stage that has nothing to count yet, and its subject. A stage that is `brief` as a rule gets a line in a log only
   * when it takes long.
   */
  stage(stage: Stage, subject: string, options?: { readonly brief?: boolean | undefined }): void;
  advance(advance: Advance): void;
  /** Reports what the network keeps the work waiting for. */
  network(notice: NetworkNotice): void;
  finding(finding: Finding): void;
  /** Reports a fact in the course of the work, such as a line of a log; one that is needed, such as the address of a server, is told with `--quiet` too. */
  note(text: string, options?: { readonly isNeeded?: boolean | undefined }): void;
}

/** Who speaks on stderr, and what is told after the result. */
export interface Voiced {
  readonly status: Status;
  /** What comes next. */
  next(steps: readonly NextStep[]): void;
  error(error: SaddlebagError): void;
  /** The exit status; nothing is told after it. */
  end(exitStatus: number): void;
}

export interface StatusOptions {
  readonly stream: OutputStream;
  readonly style: Style;
  readonly voice: Voice;
  /** Shows only warnings and errors. */
  readonly quiet: boolean;
  /** Also reports what is fine, and the causes of an error. */
  readonly verbose: boolean;
  readonly clock: Clock;
}
