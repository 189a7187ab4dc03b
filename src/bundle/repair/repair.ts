import { SaddlebagError } from '../../internal/error.ts';
import type { Finding } from '../../internal/finding.ts';
import { formatCount } from '../../internal/format.ts';
import { ProblemsError } from '../../internal/problems.ts';
import type { WaitOptions } from '../../oci/roles.ts';
import type { OpenBundle } from '../bundle.ts';
import { absentBlobs } from '../check/absent-blob.ts';
import { bundleBase } from '../check/base.ts';
import { basedBundle } from '../check/based-bundle.ts';
import { type CheckProgress, type CheckResult, checkWithBases } from '../check/check.ts';
import type { BlobCount } from '../inventory.ts';
import { LAYOUT } from '../format/layout.ts';
import { layoutIn } from '../shape.ts';
import { rightContents } from './contents.ts';
import { type Damage, damageOf } from './damage.ts';
import { repairArchive, type RepairOptions } from './archive.ts';
import { repairFolder } from './folder.ts';

/** What was repaired. Sizes in bytes. */
export interface Repaired {
  /** Files of the head that were rewritten. */
  readonly files: readonly string[];
  /** Blobs that were damaged or missing. */
  readonly repaired: BlobCount;
  /** Bytes written to the medium. */
  readonly writtenBytes: number;
}

/**
 * Repairs a bundle in place, with what `patches` have: patches of it, or other copies. Nothing is written unless all the damage can
 * be repaired.
 *
 * @throws `ERR_PATCH_INVALID`, `ERR_BASE_MISSING`, `ERR_BUNDLE_DAMAGED`; `ERR_OUTPUT_UNWRITABLE`, `ERR_DISK_FULL`, `ERR_DISK_FAILED`
 */
export async function repairByPatches(
  bundle: OpenBundle,
  patches: readonly OpenBundle[],
  options: WaitOptions & {
    readonly onProgress?: ((progress: CheckProgress) => void) | undefined;
    readonly onFinding?: ((finding: Finding) => void) | undefined;
  },
): Promise<Repaired> {
  const { signal, onProgress, onFinding } = options;
  for (const patch of patches) requirePatchOf(bundle, patch);
  const checked = await checkWithBases(bundle, { signal, onProgress, bases: patches.map(bundleBase) });
  const damage = damageOf(bundle, checked);
  requireRepairable(bundle, damage, { checked, hasPatch: patches.length > 0 });
  if (damage.files.includes(LAYOUT.signature)) onFinding?.(signatureLost(bundle.path));
  let writtenBytes = 0;
  const onBytes = (count: number): void => {
    writtenBytes += count;
  };
  if (checked.problems.length + checked.madeGood.length > 0) {
    await repairInPlace(basedBundle(bundle, checked.supply.sources), damage, { signal, onBytes });
  }
  const bytes = damage.blobs.reduce((sum, { size }) => sum + size, 0);
  return { files: damage.files, repaired: { blobs: damage.blobs.length, bytes }, writtenBytes };
}

/** Returns whether patches have all that a bundle lacks. */
export async function isRepairableWith(
  bundle: OpenBundle,
  patches: readonly OpenBundle[],
  { signal }: WaitOptions,
): Promise<boolean> {
  const checked = await checkWithBases(bundle, { signal, bases: patches.map(bundleBase) });
  return damageOf(bundle, checked).lost.length === 0;
}

async function repairInPlace(bundle: OpenBundle, damage: Damage, options: RepairOptions): Promise<void> {
  const right = await rightContents(bundle, damage, options);
  const { archive, shape } = bundle;
  if (shape === 'dir') return await repairFolder(bundle, right, options);
  const { reader } = archive;
  if (shape === 'memory' || shape === 'registry' || reader === undefined)
    throw new TypeError(`a bundle in ${shape} cannot be repaired`);
  await repairArchive(bundle, layoutIn(shape, bundle.contents), {
    signal: options.signal,
    onBytes: options.onBytes,
    right,
    reader,
  });
}

/** A patch records the root of the bundle it repairs, which covers every byte derived from `bundle.json`. */
function requirePatchOf(bundle: OpenBundle, patch: OpenBundle): void {
  const { patchOf } = patch.document;
  if (patchOf === bundle.root || patch.root === bundle.root) return;
  const fact =
    patchOf === undefined ? `it is another bundle, with root ${patch.root}` : `it is a patch of ${patchOf}`;
  throw new SaddlebagError(
    'ERR_PATCH_INVALID',
    `Cannot repair "${bundle.path}" with "${patch.path}": ${fact}`,
    {
      hint: `The bundle to be repaired has root ${bundle.root}.`,
    },
  );
}

function requireRepairable(
  bundle: OpenBundle,
  { lost, files }: Damage,
  { checked, hasPatch }: { readonly checked: CheckResult; readonly hasPatch: boolean },
): void {
  const hint =
    'Write what is missing with "bundle verify BUNDLE --missing-to FILE", and build a patch of it.';
  if (lost.length > 0) {
    throw new ProblemsError(
      'ERR_BASE_MISSING',
      `Cannot repair "${bundle.path}": ${formatCount(lost.length, 'damaged blob')} ${lost.length === 1 ? 'is' : 'are'} in no patch`,
      { problems: absentBlobs(lost, checked), hint },
    );
  }
  if (hasPatch || !files.includes(LAYOUT.sums)) return;
  throw new SaddlebagError(
    'ERR_PATCH_INVALID',
    `Cannot repair "${bundle.path}": "${LAYOUT.sums}" and "${LAYOUT.document}" differ, and nothing shows which of them is right`,
    { hint },
  );
}

function signatureLost(path: string): Finding {
  return {
    level: 'warning',
    message: `The signature of "${path}" was damaged, and is gone`,
    hint: 'Have it signed again with "bundle sign", or copy the bundle again.',
  };
}
