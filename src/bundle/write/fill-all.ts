import { isPackedPlace } from '../../disk/byte-file.ts';
import { EXIT_STATUS } from '../../internal/error-code.ts';
import { isSaddlebagError, type SaddlebagError } from '../../internal/error.ts';
import { formatCount } from '../../internal/format.ts';
import { REQUESTS_AT_ONCE, SMALL_TRANSFER, TRANSFERS_AT_ONCE } from '../../internal/http/host.ts';
import { throwIfInterrupted } from '../../internal/interrupt.ts';
import { ProblemsError } from '../../internal/problems.ts';
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
  places: readonly Place[],
  fill: (place: Place, signal: AbortSignal) => Promise<void>,
  options: FillAllOptions,
): Promise<void> {
  const { stop } = options;
  const signal = options.signal === undefined ? stop.signal : AbortSignal.any([options.signal, stop.signal]);
  const problems = new Map<Place, SaddlebagError>();
  const lanes = Map.groupBy(lanesOf(places), (lane) => (isSmallLane(lane) ? 'small' : 'large'));
  const large = (lanes.get('large') ?? []).values();
  const small = (lanes.get('small') ?? []).values();
  const work = async (...queues: readonly Lanes[]): Promise<void> => {
    for (const queue of queues) for (const lane of queue) for (const place of lane) await fillOne(place);
  };
  const fillOne = async (place: Place): Promise<void> => {
    if (signal.aborted) return;
    try {
      await fill(place, signal);
    } catch (error) {
      if (signal.aborted) return;
      if (isSaddlebagError(error) && !isFatal(error)) problems.set(place, error);
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
  const found = places.flatMap((place) => problems.get(place) ?? []);
  if (found[0] !== undefined) throw incomplete(found[0].code, found);
}

type Lanes = Iterable<readonly Place[]>;

function isSmallLane([place, ...others]: readonly Place[]): boolean {
  return place !== undefined && others.length === 0 && isSmall(place);
}

function isSmall({ blob: { origin, descriptor } }: Place): boolean {
  const isPacked = origin.type === 'archive' && isPackedPlace(origin.at);
  return !isPacked && descriptor.size <= SMALL_TRANSFER;
}

/** Returns whether an error ends everything, rather than concerning a single blob. */
export function isFatal({ code }: SaddlebagError): boolean {
  return FATAL.includes(EXIT_STATUS[code]);
}

/**
 * Returns the places in the order they are begun. The content of a compressed archive is one lane, in the order of the archive, so
 * that it is unpacked once; it takes longest, so it begins first.
 */
function lanesOf(places: readonly Place[]): readonly (readonly Place[])[] {
  const lanes = new Map<string, { readonly place: Place; readonly position: number }[]>();
  const others: Place[] = [];
  for (const place of places) {
    const { origin } = place.blob;
    const at = origin.type === 'archive' && isPackedPlace(origin.at) ? origin.at : undefined;
    if (at === undefined) others.push(place);
    else {
      const lane = lanes.get(at.archive) ?? [];
      lane.push({ place, position: at.position });
      lanes.set(at.archive, lane);
    }
  }
  const packed = [...lanes.values()].map((lane) =>
    lane.sort((left, right) => left.position - right.position).map(({ place }) => place),
  );
  return [...packed, ...inFetchOrder(others).map((place) => [place])];
}

/** The largest blobs come first, so that none of them runs alone at the end; small ones in their order, to be written together. */
function inFetchOrder(places: readonly Place[]): readonly Place[] {
  const weight = (place: Place): number => (isSmall(place) ? 0 : place.blob.descriptor.size);
  return places.toSorted((left, right) => weight(right) - weight(left));
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
