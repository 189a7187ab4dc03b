import { formatEvent } from './format-event.ts';
import { encodeError } from '../error.ts';
import type { ProgressEvent } from './event.ts';
import type { Status, StatusOptions, Voiced } from './status.ts';
import { type Facts, Work } from './work.ts';

/** At most one progress event in this time, and at least one in that (milliseconds). */
const SHORTEST = 1000;
const LONGEST = 10_000;

/** An event without what all events have. */
type News = ProgressEvent extends infer Event
  ? Event extends ProgressEvent
    ? Omit<Event, 'version' | 'at'>
    : never
  : never;

/** Returns a status that tells events to programs, each a JSON document on one line. */
export function jsonStatus({ stream, quiet, verbose, clock }: StatusOptions): Voiced {
  const work = new Work();
  const begun = clock.now();
  let toldAt = begun;
  let isUntold = false;
  const tell = (news: News): void => {
    const at = Math.round(clock.now() - begun) / 1000;
    stream.write(`${formatEvent({ version: 1, at, ...news })}\n`);
  };
  const tellFacts = (): void => {
    const facts = work.facts(clock.now());
    if (facts === undefined || quiet) return;
    toldAt = clock.now();
    isUntold = false;
    tell(newsOf(facts));
  };
  const ticks = clock.every(SHORTEST, () => {
    if (clock.now() - toldAt >= (isUntold ? SHORTEST : LONGEST)) tellFacts();
  });
  const status: Status = {
    stage: (stage, subject) => {
      work.stage(stage, subject, clock.now());
      tellFacts();
    },
    advance: (advance) => {
      const at = clock.now();
      const isNew = work.advance(advance, at);
      const { bytes, totalBytes, count } = advance;
      const isEnd = bytes === totalBytes && count?.done === count?.total;
      isUntold = true;
      if (isNew || isEnd || at - toldAt >= SHORTEST) tellFacts();
    },
    network: (notice) => {
      work.network(notice, clock.now());
      if (!quiet) tell({ event: 'network', ...notice });
    },
    finding: ({ level, message, hint, about }) => {
      if (level !== 'ok' || verbose) tell({ event: 'finding', level, message, hint, about });
    },
    note: (text, { isNeeded = false } = {}) => {
      if (!quiet || isNeeded) tell({ event: 'note', text });
    },
    [Symbol.dispose]: () => ticks[Symbol.dispose](),
  };
  return {
    status,
    next: (steps) => {
      if (steps.length > 0 && !quiet) tell({ event: 'next', steps });
    },
    error: (error) => tell({ event: 'error', ...encodeError(error).error }),
    end: (exitStatus) => tell({ event: 'end', exitStatus }),
  };
}

function newsOf({ stage, subject = '', advance, bytesPerSecond, secondsLeft, underWay }: Facts): News {
  if (advance === undefined) return { event: 'stage', stage, subject };
  const { count, bytes, totalBytes } = advance;
  return {
    event: 'progress',
    stage,
    unit: count?.unit,
    done: count?.done,
    total: count?.total,
    bytes,
    totalBytes,
    bytesPerSecond: bytesPerSecond === undefined ? undefined : Math.round(bytesPerSecond),
    secondsLeft: secondsLeft === undefined ? undefined : Math.ceil(secondsLeft),
    underWay,
  };
}
