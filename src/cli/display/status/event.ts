import type { NetworkNotice } from '../../../internal/http/watch/notice.ts';
import type { NextStep } from '../../outcome.ts';
import type { ToldProblem } from '../error.ts';
import type { Stage } from './stage.ts';

/**
 * What `--progress json` tells on stderr, one JSON document a line. A later version of the program may add members and events: a
 * reader skips what it does not know.
 */
export type ProgressEvent = EventHead &
  (StageEvent | AdvanceEvent | NetworkEvent | FindingEvent | NoteEvent | NextEvent | ErrorEvent | EndEvent);

/** What every event has. */
interface EventHead {
  /** Version of the events. */
  readonly version: 1;
  /** Seconds since the command began. */
  readonly at: number;
}

/** A stage begins; it has counted nothing yet. */
interface StageEvent {
  readonly event: 'stage';
  readonly stage: Stage;
  /** What it is about, such as the path of a spec. */
  readonly subject: string;
}

/** How far a stage is; at most one a second, and at least one in ten seconds. */
interface AdvanceEvent {
  readonly event: 'progress';
  readonly stage: Stage;
  /** What `done` and `total` count, such as `blob`. */
  readonly unit?: string | undefined;
  /** Things done. */
  readonly done?: number | undefined;
  /** Things to do; it may grow while a spec is resolved. */
  readonly total?: number | undefined;
  /** Bytes done. */
  readonly bytes?: number | undefined;
  /** Bytes to do, where that is known. */
  readonly totalBytes?: number | undefined;
  /** Of the last ten seconds; left out while nothing moves. */
  readonly bytesPerSecond?: number | undefined;
  /** Seconds left at that rate. */
  readonly secondsLeft?: number | undefined;
  /** What is under way. */
  readonly underWay: readonly ThingUnderWay[];
}

/** One thing under way. */
interface ThingUnderWay {
  /** As the user knows it: an image, an address without its secrets, a path. */
  readonly name: string;
  /** Bytes done. */
  readonly bytes?: number | undefined;
  /** Bytes to do. */
  readonly totalBytes?: number | undefined;
}

/** The network keeps the work waiting, or no longer does. */
type NetworkEvent = { readonly event: 'network' } & NetworkNotice;

/** Something to know besides the result; it may also be in it. */
interface FindingEvent {
  readonly event: 'finding';
  /** `error` means that it will not work, `ok` is told with `--verbose` only. */
  readonly level: 'ok' | 'warning' | 'error';
  readonly message: string;
  /** What to do about it. */
  readonly hint?: string | undefined;
  /** A path, or a reference in a registry. */
  readonly about?: string | undefined;
}

/** A fact in the course of the work, in words for people, such as a line of a server's log. */
interface NoteEvent {
  readonly event: 'note';
  readonly text: string;
}

/** What comes next, told after a success. */
interface NextEvent {
  readonly event: 'next';
  readonly steps: readonly NextStep[];
}

/** Why the command failed. */
interface ErrorEvent {
  readonly event: 'error';
  /** Documented in docs/errors.md. */
  readonly code: string;
  readonly message: string;
  /** What to do about it. */
  readonly hint?: string | undefined;
  /** Everything that is wrong, where it is more than one thing. */
  readonly problems: readonly ToldProblem[];
}

/** The last event; where the result could not be written after all, an error and another end follow. */
interface EndEvent {
  readonly event: 'end';
  /** The status that the program exits with. */
  readonly exitStatus: number;
}
