import type { CheckProgress } from '../bundle/check/check.ts';
import { openBundle } from '../bundle/open.ts';
import {
  type BesideParity,
  mendByParity,
  parityBeside,
  type ParityMend,
  remakeParity,
} from '../bundle/parity/mend.ts';
import { isMendableWith, type Mended, mendBundle } from '../bundle/repair/mend.ts';
import type { Trust } from '../bundle/signing/prove.ts';
import { claimOutput } from '../disk/sharing/claim.ts';
import { isSaddlebagError } from '../internal/error.ts';
import { ProblemsError } from '../internal/problems.ts';
import type { Digest } from '../oci/digest.ts';
import type { Ears } from '../steps/ears.ts';
import { openBundles } from '../steps/open-bases.ts';
import { requireIntact } from '../steps/require-intact.ts';
import type { Surroundings } from '../steps/surroundings.ts';
import { trustedKeys, type TrustWish } from '../steps/trusted-keys.ts';

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

/** Sizes in bytes. */
export interface RepairResult extends Mended {
  /** Root digest; unchanged by a repair. */
  readonly root: Digest;
  readonly path: string;
  /** What the parity file beside the bundle repaired; left out when it had nothing to repair. */
  readonly parity?: RepairByParity | undefined;
  readonly seconds: number;
}

/** What a parity file mended. */
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
 * repaired. A parity file beside the bundle is used first, for all that it can mend; patches mend the rest. A repair that was
 * interrupted can be run again: what it has repaired is intact by then.
 *
 * @throws what `openBundle` throws; `ERR_PARITY_INVALID` for a parity file that does not give the bundle it is said to be of; `ERR_PATCH_INVALID` for a patch of another bundle; `ERR_BASE_MISSING` with every
 * damaged blob that no patch has; `ERR_OUTPUT_UNWRITABLE`; `ERR_BUNDLE_DAMAGED` when no patch can repair the damage
 */
export async function repairBundle(
  wish: RepairWish,
  surroundings: Surroundings,
  ears: Ears<CheckProgress> = {},
): Promise<RepairResult> {
  const start = performance.now();
  const { path } = wish;
  const { signal, onProgress } = ears;
  const trust = await trustedKeys(wish.key, surroundings, { signal, needed: wish.keysNeeded });
  await using _claim = await claimOutput(`${path.replace(/[/\\]+$/, '')}.repair`);
  const beside = await usableParity(path, ears);
  await using _parity = beside?.parity;
  const first = beside === undefined ? undefined : await mendFirst(beside, wish, { trust, ears });
  const opened = first === undefined ? path : (beside?.volumes[0]?.file ?? path);
  const isDone = first !== undefined && first.beyond.length === 0 && first.writtenBytes + first.moved > 0;
  const done = isDone
    ? NOTHING
    : await mendRest({ path: opened, patches: wish.patches }, first, { trust, ears });
  await using mended = await openBundle(opened, { signal, trust });
  await requireIntact(mended, { signal, onProgress });
  const remade = first?.isParityDamaged === true;
  if (beside !== undefined && remade) await remakeParity(beside, { signal });
  return {
    root: mended.root,
    path: opened,
    files: done.files,
    mended: done.mended,
    parity: partOf(first, remade),
    writtenBytes: done.writtenBytes + (first?.writtenBytes ?? 0),
    seconds: (performance.now() - start) / 1000,
  };
}

const NOTHING: Mended = { files: [], mended: { blobs: 0, bytes: 0 }, writtenBytes: 0 };

interface Given {
  readonly trust: Trust | undefined;
  readonly ears: Ears<CheckProgress>;
}

/** A useless parity file must not stand in the way of other means. */
async function usableParity(
  path: string,
  { onFinding }: Ears<CheckProgress>,
): Promise<BesideParity | undefined> {
  try {
    return await parityBeside(path);
  } catch (error) {
    if (!isSaddlebagError(error, 'ERR_PARITY_INVALID')) throw error;
    onFinding?.({ level: 'warning', message: error.message, hint: error.hint });
    return undefined;
  }
}

/** Mends by parity what it can mend, if patches mend the rest. */
async function mendFirst(
  beside: BesideParity,
  { path, patches }: RepairWish,
  { trust, ears }: Given,
): Promise<ParityMend | undefined> {
  const { signal, onProgress, onFinding } = ears;
  return await mendByParity(beside, {
    path,
    trust,
    signal,
    onProgress,
    onFinding,
    completes: async (bundle) => {
      await using opened = await openBundles(patches, { signal });
      return await isMendableWith(bundle, opened.bundles, { signal });
    },
  });
}

/** When patches do not mend it either, both say what is lost. */
async function mendRest(wish: RepairWish, first: ParityMend | undefined, given: Given): Promise<Mended> {
  try {
    return await mend(wish, given.trust, given.ears);
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

function partOf(first: ParityMend | undefined, remade: boolean): RepairByParity | undefined {
  if (first === undefined || (first.shards + first.moved === 0 && !remade)) return undefined;
  return { shards: first.shards, moved: first.moved, remade };
}

async function mend(
  { path, patches }: RepairWish,
  trust: Trust | undefined,
  ears: Ears<CheckProgress>,
): Promise<Mended> {
  const { signal } = ears;
  await using bundle = await openBundle(path, { signal, trust, damaged: true });
  await using opened = await openBundles(patches, { signal });
  return await mendBundle(bundle, opened.bundles, ears);
}
