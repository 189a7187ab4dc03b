import type { Staging } from '../disk/placing/staging.ts';
import { isSaddlebagError, type SaddlebagError } from '../internal/error.ts';
import { mapConcurrently } from '../internal/gate.ts';
import { interrupted, throwIfInterrupted } from '../internal/interrupt.ts';
import { ProblemsError } from '../internal/problems.ts';
import type { Digest } from '../oci/digest.ts';
import { isRefusal } from '../oci/refusal.ts';
import type { WaitOptions } from '../oci/roles.ts';
import type { Leaves } from './receipts/traces.ts';
import type { Action, ActionResult, Target } from './target.ts';

/** A target with what it needs. */
export interface Plan {
  readonly target: Target;
  readonly actions: readonly Action[];
}

/** Progress of an install; sizes in bytes. */
export interface ApplyProgress {
  readonly bytesDone: number;
  readonly bytesTotal: number;
  readonly actionsDone: number;
  readonly actionsTotal: number;
  /** What is under way, in the order it began. */
  readonly underWay: readonly ActionUnderWay[];
}

/** One thing that is being installed. */
export interface ActionUnderWay {
  readonly name: string;
  /** Bytes done. */
  readonly bytes: number;
  readonly totalBytes: number;
}

/** Called for each action, so that what an install left is known however it ends. */
export interface ActionLog {
  /** Returns whether it has this content, and so has all that it is made of, from before. */
  has(digest: Digest): boolean;
  start(action: Action): void;
  /** Called with unplanned traces before they are left; resolves once they are recorded. */
  leaving(action: Action, leaves: Leaves): Promise<void>;
  finish(result: ActionResult): Promise<void>;
}

export interface ApplyPlansOptions extends WaitOptions {
  readonly log?: ActionLog | undefined;
  /** Has files that were written before. */
  readonly staging?: Staging | undefined;
  readonly onProgress?: ((progress: ApplyProgress) => void) | undefined;
}

/** What was done, and what failed. */
export interface Applied {
  /** In the order of the plans, and of their stages. */
  readonly results: readonly ActionResult[];
  /** The first failure stopped the work, unless the other actions could continue without it. */
  readonly failures: readonly unknown[];
}

/** Applies every action of every plan. Returns only when nothing is running any more, whatever happened. */
export async function applyPlans(plans: readonly Plan[], options: ApplyPlansOptions = {}): Promise<Applied> {
  const work: Work = {
    options,
    stop: new AbortController(),
    failures: [],
    tally: startTally(plans, options.onProgress),
  };
  const results: (readonly ActionResult[])[] = [];
  for (const together of groupsOf(plans)) {
    results.push(...(await Promise.all(together.map(async (plan) => await applyPlan(plan, work)))));
  }
  return { results: results.flat(), failures: work.failures };
}

interface Work {
  readonly options: ApplyPlansOptions;
  readonly stop: AbortController;
  readonly failures: unknown[];
  readonly tally: Tally;
}

/**
 * Disk targets are filled one after the other: a stick reads fastest sequentially. Other targets of one kind are filled
 * at the same time, so that blobs they share are read once.
 */
function groupsOf(plans: readonly Plan[]): readonly (readonly Plan[])[] {
  return plans.flatMap((plan) => {
    if (plan.target.isOnDisk) return [[plan]];
    const alike = plans.filter(({ target }) => target.name === plan.target.name);
    return plan === alike[0] ? [alike] : [];
  });
}

async function applyPlan(
  { target, actions }: Plan,
  { options, stop, failures, tally }: Work,
): Promise<readonly ActionResult[]> {
  const own = new AbortController();
  const signal = AbortSignal.any([
    stop.signal,
    own.signal,
    ...(options.signal === undefined ? [] : [options.signal]),
  ]);
  const applyAction = async (action: Action): Promise<ActionResult | undefined> => {
    const counted = tally.begin(action);
    try {
      throwIfInterrupted(signal);
      const { log, staging } = options;
      log?.start(action);
      const onLeaving = async (leaves: Leaves): Promise<void> => await log?.leaving(action, leaves);
      const { onBytes } = counted;
      const isRecorded = (digest: Digest): boolean => log?.has(digest) === true;
      const result = await target.apply(action, { signal, staging, onBytes, onLeaving, isRecorded });
      await log?.finish(result);
      counted.finish();
      return result;
    } catch (error) {
      // An action that was stopped because of another failure is not a failure itself.
      if (!stop.signal.aborted && !own.signal.aborted)
        failures.push(options.signal?.aborted ? interrupted(options.signal) : error);
      // One unreachable registry must not leave another one half filled.
      if (isSaddlebagError(error, 'ERR_REGISTRY_UNREACHABLE')) own.abort(error);
      else if (!isRefusal(error)) stop.abort(error);
      return undefined;
    } finally {
      counted.end();
    }
  };
  const applied: (ActionResult | undefined)[] = [];
  for (const stage of target.stagesOf?.(actions) ?? [actions])
    applied.push(...(await mapConcurrently(stage, target.actionsAtOnce ?? 1, applyAction)));
  return applied.filter((result) => result !== undefined);
}

/**
 * Returns the error for failures: the only one, or all of ours together. A bug or an interruption takes precedence.
 */
export function errorOf(failures: readonly unknown[], total: number): unknown {
  const ours: SaddlebagError[] = [];
  for (const failure of failures) {
    if (!isSaddlebagError(failure) || failure.code === 'ERR_INTERRUPTED') return failure;
    ours.push(failure);
  }
  const [first] = ours;
  if (first === undefined || ours.length === 1) return first;
  return new ProblemsError('ERR_TARGET_FAILED', `Cannot install: ${ours.length} of ${total} steps failed`, {
    problems: ours,
    hint: 'Fix the causes and run the command again: what is in place is kept.',
  });
}

interface Tally {
  begin(action: Action): ActionTally;
}

interface ActionTally {
  readonly onBytes: (count: number) => void;
  readonly finish: () => void;
  readonly end: () => void;
}

function startTally(plans: readonly Plan[], onProgress: ApplyPlansOptions['onProgress']): Tally {
  const all = plans.flatMap(({ actions }) => actions);
  const totals = { bytesTotal: all.reduce((sum, { bytes }) => sum + bytes, 0), actionsTotal: all.length };
  let [bytesDone, actionsDone] = [0, 0];
  const open = new Map<Action, ActionUnderWay>();
  const tell = (): void => onProgress?.({ ...totals, bytesDone, actionsDone, underWay: [...open.values()] });
  return {
    begin: (action) => {
      const { name, bytes: totalBytes } = action;
      let own = 0;
      const show = (): void => void open.set(action, { name, bytes: own, totalBytes });
      if (totalBytes > 0) show();
      return {
        onBytes: (count) => {
          // Bytes that a retry sends again are not in the total.
          bytesDone = Math.min(bytesDone + count, totals.bytesTotal);
          own = Math.min(own + count, totalBytes);
          show();
          tell();
        },
        finish: () => {
          open.delete(action);
          actionsDone += 1;
          tell();
        },
        end: () => void open.delete(action),
      };
    },
  };
}
