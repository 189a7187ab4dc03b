import { isPackedPlace } from '../../disk/byte-file.ts';
import { EXIT_STATUS } from '../../internal/error-code.ts';
import { isSaddlebagError, type SaddlebagError } from '../../internal/error.ts';
import { formatCount } from '../../internal/format.ts';
import { REQUESTS_AT_ONCE, SMALL_TRANSFER, TRANSFERS_AT_ONCE } from '../../internal/http/host.ts';
import { throwIfInterrupted } from '../../internal/interrupt.ts';
import { ProblemsError } from '../../internal/problems.ts';
import type { Rows } from '../../internal/table/rows.ts';
import type { WaitOptions } from '../../oci/roles.ts';
import type { Place } from './blob-content.ts';

export interface FillAllOptions extends WaitOptions, AtOnce {
  /** Stops everything at once when aborted, with the reason given. */
  readonly stop: AbortController;
}

/** How many blobs are fetched at once. */
export interface AtOnce {
  readonly concurrency: number;
  /** So many small ones besides, whose time goes into waiting for an answer; none when left out. */
  readonly small?: number | undefined;
}

/** The usual numbers. */
export const USUAL_AT_ONCE: AtOnce = {
  concurrency: TRANSFERS_AT_ONCE,
  small: REQUESTS_AT_ONCE - TRANSFERS_AT_ONCE,
};

/** How long an interrupted run waits for streams that do not let go (milliseconds). */
const PATIENCE = 400;
/** Exit statuses of errors after which it is pointless to continue: a bug, the disk, an interruption. */
const FATAL: readonly number[] = [1, 6, 130];

/**
 * Calls `fill` for every place, a few at once. A blob that cannot be fetched does not stop the others: all failures are
 * reported at the end. A full disk, a bug or an interruption stops everything at once.
 *
 * @throws `ProblemsError` with the code of its first problem; the fatal error; `ERR_INTERRUPTED`
 */
export async function fillAll(
  places: Rows<Place>,
  fill: (place: Place, signal: AbortSignal) => Promise<void>,
  options: FillAllOptions,
): Promise<void> {
  const { stop } = options;
  const signal = options.signal === undefined ? stop.signal : AbortSignal.any([options.signal, stop.signal]);
  const problems: { readonly index: number; readonly error: SaddlebagError }[] = [];
  const { large, small } = lanesOf(places);
  const work = async (...queues: readonly Lanes[]): Promise<void> => {
    for (const queue of queues) for (const lane of queue) for (const index of lane) await fillOne(index);
  };
  const fillOne = async (index: number): Promise<void> => {
    const place = places.at(index);
    if (signal.aborted || place === undefined) return;
    try {
      await fill(place, signal);
    } catch (error) {
      if (signal.aborted) return;
      if (isSaddlebagError(error) && !isFatal(error)) problems.push({ index, error });
      else stop.abort(error);
    }
  };
  const workers = [
    ...Array.from({ length: options.concurrency }, async () => await work(large, small)),
    ...Array.from({ length: options.small ?? 0 }, async () => await work(small)),
  ];
  await untilStopped(Promise.all(workers), signal);
  if (stop.signal.aborted) throw stop.signal.reason;
  throwIfInterrupted(options.signal);
  // In archive order, no matter which failed first.
  const found = problems.sort((left, right) => left.index - right.index).map(({ error }) => error);
  if (found[0] !== undefined) throw incomplete(found[0].code, found);
}

/** Places by their indexes; those of one lane are filled one after the other. */
type Lanes = Iterable<readonly number[]>;

/** Returns whether an error ends everything, rather than concerning a single blob. */
export function isFatal({ code }: SaddlebagError): boolean {
  return FATAL.includes(EXIT_STATUS[code]);
}

/**
 * Returns the places in the order they are begun. The content of a compressed archive is one lane, in the order of the archive, so
 * that it is unpacked once; it takes longest, so it begins first.
 */
function lanesOf(places: Rows<Place>): { readonly large: Lanes; readonly small: Lanes } {
  const packed = new Map<string, { readonly index: number; readonly position: number }[]>();
  const weights = new Float64Array(places.length);
  let index = 0;
  for (const { blob } of places) {
    const { origin, descriptor } = blob;
    const at = origin.type === 'archive' && isPackedPlace(origin.at) ? origin.at : undefined;
    if (at === undefined) weights[index] = descriptor.size <= SMALL_TRANSFER ? SMALL : descriptor.size;
    else {
      weights[index] = PACKED;
      const lane = packed.get(at.archive) ?? [];
      lane.push({ index, position: at.position });
      packed.set(at.archive, lane);
    }
    index += 1;
  }
  const lanes = [...packed.values()].map((lane) =>
    lane.sort((left, right) => left.position - right.position).map((each) => each.index),
  );
  const order = inFetchOrder(weights);
  const firstSmall = order.findIndex((each) => weights[each] === SMALL);
  const end = firstSmall === -1 ? order.length : firstSmall;
  return { large: lanesIn(order.subarray(0, end), lanes), small: lanesIn(order.subarray(end)) };
}

/** Weight of what costs little. */
const SMALL = 0;
/** Weight of what has a lane with others. */
const PACKED = -1;

/** The largest blobs come first, so that none of them runs alone at the end; small ones in their order, to be written together. */
function inFetchOrder(weights: Float64Array): Uint32Array {
  const order = Uint32Array.from(weights.keys()).filter((index) => weights[index] !== PACKED);
  return order.sort((left, right) => (weights[right] ?? 0) - (weights[left] ?? 0) || left - right);
}

/** Several take from it: each lane goes to one of them. */
function* lanesIn(
  order: Uint32Array,
  before: Iterable<readonly number[]> = [],
): Generator<readonly number[], void, undefined> {
  yield* before;
  for (const index of order) yield [index];
}

/** Waits for `work`; once `signal` fires, only for a moment longer, because a stalled peer may never answer. */
export async function untilStopped(work: Promise<unknown>, signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  let timer: NodeJS.Timeout | undefined;
  const onAbort = (): void => {
    timer = setTimeout(resolve, PATIENCE);
  };
  if (signal.aborted) onAbort();
  else signal.addEventListener('abort', onAbort, { once: true });
  try {
    await Promise.race([work, promise]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', onAbort);
  }
}

/** Returns the error for a bundle with blobs that could not be fetched. */
export function incomplete(code: SaddlebagError['code'], problems: readonly SaddlebagError[]): ProblemsError {
  const blobs = formatCount(problems.length, 'blob');
  return new ProblemsError(code, `Cannot complete bundle: ${blobs} could not be fetched`, {
    problems,
    hint: 'Run the same command again: what has been fetched is kept.',
  });
}
