import type { CheckProgress } from '../bundle/check/check.ts';
import { openBundle, requireOnDisk } from '../bundle/open.ts';
import {
  type BesideParity,
  repairByParity,
  parityBeside,
  type ParityRepair,
  remakeParity,
} from '../bundle/parity/repair.ts';
import { isRepairableWith, type Repaired, repairByPatches } from '../bundle/repair/repair.ts';
import type { Trust } from '../bundle/signing/prove.ts';
import { claimOutput } from '../disk/sharing/claim.ts';
import { isSaddlebagError } from '../internal/error.ts';
import { ProblemsError } from '../internal/problems.ts';
import type { Digest } from '../oci/digest.ts';
import type { Ears } from '../steps/ears.ts';
import { openBundles } from '../steps/open-bases.ts';
import { requireIntact } from '../steps/require-intact.ts';
import type { Surroundings } from '../steps/surroundings.ts';
import { trustedKeys, type TrustWish } from '../steps/signing/trusted-keys.ts';

/** What to repair, and with what. */
export interface RepairWish extends TrustWish {
  /** The bundle. */
  readonly path: string;
  /**
   * Patches of the bundle, or other copies of it. None are needed when only the head or the archive's structure is
   * damaged.
   */
  readonly patches: readonly string[];
}

/** Progress of a repair: all of the bundle is read, to repair it by parity or to verify it; it may be read more than once. */
export type RepairProgress = { readonly phase: 'repair' | 'verify' } & CheckProgress;

/** Sizes in bytes. */
export interface RepairResult extends Repaired {
  /** Root digest; unchanged by a repair. */
  readonly root: Digest;
  readonly path: string;
  /** What the parity file beside the bundle repaired; left out when it had nothing to repair. */
  readonly parity?: RepairByParity | undefined;
  readonly seconds: number;
}

/** What a parity file repaired. */
export interface RepairByParity {
  /** Shards of the bundle that were damaged or missing. */
  readonly shards: number;
  /** Volumes that lay under the name of another one. */
  readonly moved: number;
  /** Whether the parity file was partly damaged and was made again. */
  readonly remade: boolean;
}

/**
 * Repairs the bundle at `path` in place, then verifies all of it. Nothing is written unless all the damage can be
 * repaired. A parity file beside the bundle is used first, for all that it can repair; patches repair the rest. A repair that was
 * interrupted can be run again: what it has repaired is intact by then.
 *
 * @throws what `openBundle` throws; `ERR_PARITY_INVALID` for a parity file that does not give the bundle it is said to be of; `ERR_PATCH_INVALID` for a patch of another bundle; `ERR_BASE_MISSING` with every
 * damaged blob that no patch has; `ERR_OUTPUT_UNWRITABLE`; `ERR_BUNDLE_DAMAGED` when no patch can repair the damage
 */
export async function repairBundle(
  wish: RepairWish,
  surroundings: Surroundings,
  ears: Ears<RepairProgress> = {},
): Promise<RepairResult> {
  const start = performance.now();
  const { path } = wish;
  const { signal } = ears;
  requireOnDisk(path);
  const trust = await trustedKeys(wish.key, surroundings, { signal, needed: wish.keysNeeded });
  await using _claim = await claimOutput(`${path.replace(/[/\\]+$/, '')}.repair`);
  const beside = await usableParity(path, ears);
  await using _parity = beside?.parity;
  const first = beside === undefined ? undefined : await repairFirst(beside, wish, { trust, ears });
  const opened = first === undefined ? path : (beside?.volumes[0]?.file ?? path);
  const isDone = first !== undefined && first.beyond.length === 0 && first.writtenBytes + first.moved > 0;
  const done = isDone
    ? NOTHING
    : await repairRest({ path: opened, patches: wish.patches }, first, { trust, ears });
  await using repaired = await openBundle(opened, { signal, trust });
  await requireIntact(repaired, { signal, onProgress: during('verify', ears) });
  const remade = first?.isParityDamaged === true;
  if (beside !== undefined && remade) await remakeParity(beside, { signal });
  return {
    root: repaired.root,
    path: opened,
    files: done.files,
    repaired: done.repaired,
    parity: partOf(first, remade),
    writtenBytes: done.writtenBytes + (first?.writtenBytes ?? 0),
    seconds: (performance.now() - start) / 1000,
  };
}

const NOTHING: Repaired = { files: [], repaired: { blobs: 0, bytes: 0 }, writtenBytes: 0 };

interface Given {
  readonly trust: Trust | undefined;
  readonly ears: Ears<RepairProgress>;
}

/** A useless parity file must not stand in the way of other means. */
async function usableParity(
  path: string,
  { onFinding }: Ears<RepairProgress>,
): Promise<BesideParity | undefined> {
  try {
    return await parityBeside(path);
  } catch (error) {
    if (!isSaddlebagError(error, 'ERR_PARITY_INVALID')) throw error;
    onFinding?.({ level: 'warning', message: error.message, hint: error.hint });
    return undefined;
  }
}

/** Repairs by parity what it can repair, if patches repair the rest. */
async function repairFirst(
  beside: BesideParity,
  { path, patches }: RepairWish,
  { trust, ears }: Given,
): Promise<ParityRepair | undefined> {
  const { signal, onFinding } = ears;
  return await repairByParity(beside, {
    path,
    trust,
    signal,
    onProgress: during('repair', ears),
    onFinding,
    completes: async (bundle) => {
      await using opened = await openBundles(patches, { signal });
      return await isRepairableWith(bundle, opened.bundles, { signal });
    },
  });
}

/** When patches do not repair it either, both say what is lost. */
async function repairRest(
  wish: RepairWish,
  first: ParityRepair | undefined,
  given: Given,
): Promise<Repaired> {
  try {
    return await repair(wish, given.trust, given.ears);
  } catch (error) {
    if (first === undefined || first.beyond.length === 0 || !isSaddlebagError(error)) throw error;
    if (error.code === 'ERR_INTERRUPTED') throw error;
    const own = error instanceof ProblemsError ? error.problems : [error];
    throw new ProblemsError(
      'ERR_BUNDLE_DAMAGED',
      `Cannot repair "${wish.path}": more of it is damaged than its parity file can repair`,
      {
        problems: [...first.beyond, ...own],
        hint: 'Nothing was changed. Copy the bundle again, or bring a patch of what is damaged.',
      },
    );
  }
}

function partOf(first: ParityRepair | undefined, remade: boolean): RepairByParity | undefined {
  if (first === undefined || (first.shards + first.moved === 0 && !remade)) return undefined;
  return { shards: first.shards, moved: first.moved, remade };
}

async function repair(
  { path, patches }: RepairWish,
  trust: Trust | undefined,
  ears: Ears<RepairProgress>,
): Promise<Repaired> {
  const { signal, onFinding } = ears;
  await using bundle = await openBundle(path, { signal, trust, damaged: true });
  await using opened = await openBundles(patches, { signal });
  return await repairByPatches(bundle, opened.bundles, {
    signal,
    onFinding,
    onProgress: during('verify', ears),
  });
}

function during(
  phase: RepairProgress['phase'],
  { onProgress }: Ears<RepairProgress>,
): (progress: CheckProgress) => void {
  return (progress) => onProgress?.({ phase, ...progress });
}
