import { isSaddlebagError, SaddlebagError } from '../../internal/error.ts';
import { throwIfInterrupted } from '../../internal/interrupt.ts';
import { TARGETS } from '../targets.ts';
import type { KeptReceipt } from './claims.ts';
import { sortReceipt, type SortedReceipt } from './places.ts';
import { settleReceipt } from './settle.ts';
import { joinSteps, type Removal, type RemovalOptions, type StepResult } from './step.ts';

export { byHeir } from './settle.ts';
export type { TakenBack } from './step.ts';

/** What was taken back, and what failed. */
export interface Taken {
  readonly result: StepResult;
  /** The errors of failed steps. */
  readonly failures: readonly SaddlebagError[];
}

/**
 * Takes back what a receipt lists, target by target, then settles the receipt: deletes it, or keeps in it what is left.
 *
 * @throws `ERR_INTERRUPTED`; what writing a receipt throws
 */
export async function takeBack(own: KeptReceipt, options: RemovalOptions): Promise<Taken> {
  const taken = await takeAllBack(own, options);
  const { claims, invoker, home } = options;
  if (!options.dryRun) await settleReceipt(own, { ...taken, claims, invoker, home });
  return taken;
}

async function takeAllBack({ receipt }: KeptReceipt, options: RemovalOptions): Promise<Taken> {
  const steps: StepResult[] = [];
  const failures: SaddlebagError[] = [];
  const silent = new Set<string>();
  const attempt = async (removal: Removal): Promise<void> => {
    const { at } = removal;
    throwIfInterrupted(options.signal);
    // An unreachable registry is not asked again for each image; its entries stay in the receipt.
    if (at !== undefined && silent.has(at)) return;
    try {
      steps.push(await removal.run(goneIn(steps)));
    } catch (error) {
      // A bug or an interruption ends the work; after any other failure, the rest can still be taken back.
      if (!isSaddlebagError(error) || error.code === 'ERR_INTERRUPTED') throw error;
      failures.push(error);
      if (at !== undefined && error.code === 'ERR_REGISTRY_UNREACHABLE') silent.add(at);
    }
  };
  const { places, unknown, strays } = sortReceipt(receipt, TARGETS);
  for (const { kind, left } of places)
    for (const removal of await kind.takeBack(left, options)) await attempt(removal);
  return {
    result: joinSteps([...steps, strayStep(strays)]),
    failures: [...failures, ...unknown.map(unknownTarget)],
  };
}

function goneIn(steps: readonly StepResult[]): ReadonlySet<string> {
  const actions = steps.flatMap((step) => step.actions);
  return new Set(actions.flatMap(({ outcome, destination }) => (outcome === 'removed' ? [destination] : [])));
}

function unknownTarget({ target, place }: SortedReceipt['unknown'][number]): SaddlebagError {
  return new SaddlebagError(
    'ERR_TARGET_REFUSED',
    `Cannot take back what is at "${place}": this program knows no target "${target}"`,
    { hint: 'Uninstall with the program that installed it; the receipt lists what is left.' },
  );
}

/** Reports the paths outside all targets, which are left alone. */
function strayStep(paths: readonly string[]): StepResult {
  const findings = paths.map((path) => ({
    level: 'warning' as const,
    message: `${path} is outside all targets of the receipt, and stays`,
    about: path,
  }));
  return { actions: [], findings, heirlooms: [], settled: [] };
}
