import type { Cost } from './measure.ts';
import { formatBytes } from '../../src/internal/format.ts';

/** Somebody who does the same work as the others. */
export interface Contestant {
  readonly name: string;
  readonly run: () => Promise<Cost>;
  /** The highest ratio, ours to theirs, that the project allows; left out where nothing is claimed. */
  readonly allowed?: { readonly seconds?: number; readonly user?: number };
  /** Cores that it may be divided by, where it uses one. */
  readonly cores?: number;
}

const ROUNDS = 3;

/**
 * Lets all do the work in turn, three times over, so that what else the machine does hits everybody alike, and returns the
 * rows of a table with the best of each. The first one is ours.
 */
export async function contest(
  work: string,
  contestants: readonly [Contestant, ...Contestant[]],
): Promise<readonly string[]> {
  const best = new Map<Contestant, Cost>();
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const contestant of contestants) {
      best.set(contestant, better(best.get(contestant), await contestant.run()));
    }
  }
  const ours = best.get(contestants[0]);
  return contestants.map((contestant) => row(work, contestant, { cost: best.get(contestant), ours }));
}

/** Returns the faster of two runs, with the higher peaks of both. */
function better(left: Cost | undefined, right: Cost): Cost {
  if (left === undefined) return right;
  return {
    ...(right.seconds < left.seconds ? right : left),
    user: Math.min(left.user, right.user),
    peakMemory: Math.max(left.peakMemory, right.peakMemory),
    peakDisk: Math.max(left.peakDisk, right.peakDisk),
  };
}

function row(
  work: string,
  { name, allowed = {}, cores = 1 }: Contestant,
  { cost, ours }: { readonly cost: Cost | undefined; readonly ours: Cost | undefined },
): string {
  if (cost === undefined || ours === undefined)
    throw new Error(`Cannot compare ${work}: ${name} did not run`);
  const seconds = cost.seconds / cores;
  const isOurs = cost === ours;
  const cells = [
    work,
    name,
    `${seconds.toFixed(2)} s`,
    isOurs ? '' : ratio(ours.seconds / seconds, allowed.seconds),
    `${cost.user.toFixed(2)} s`,
    isOurs ? '' : ratio(ours.user / cost.user, allowed.user),
    isOurs ? formatBytes(cost.peakMemory) : '',
  ];
  return `| ${cells.join(' | ')} |`;
}

/** Returns `0.85 (0.90 wanted)`, with a mark where it is more. */
function ratio(value: number, allowed: number | undefined): string {
  if (allowed === undefined) return value.toFixed(2);
  return `${value.toFixed(2)}${value > allowed ? ' !' : ''} (${allowed.toFixed(2)} wanted)`;
}
