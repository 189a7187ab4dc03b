import { absentBlobs } from '../bundle/check/absent-blob.ts';
import { basedBundle } from '../bundle/check/based-bundle.ts';
import { bundleBase } from '../bundle/check/bundle-base.ts';
import { type CheckProgress, type CheckResult, checkWithBases } from '../bundle/check/check.ts';
import { claimOutput } from '../disk/sharing/claim.ts';
import type { BlobCount } from '../bundle/diff.ts';
import { LAYOUT } from '../bundle/format/layout.ts';
import { openBundle } from '../bundle/open.ts';
import type { OpenBundle } from '../bundle/bundle.ts';
import { rightContents } from '../bundle/repair/contents.ts';
import { type Damage, damageOf } from '../bundle/repair/damage.ts';
import { mendArchive, type MendOptions } from '../bundle/repair/mend-archive.ts';
import { mendFolder } from '../bundle/repair/mend-folder.ts';
import { layoutIn } from '../bundle/shape.ts';
import { SaddlebagError } from '../internal/error.ts';
import type { Finding } from '../internal/finding.ts';
import { formatCount } from '../internal/format.ts';
import { ProblemsError } from '../internal/problems.ts';
import type { Digest } from '../oci/digest.ts';
import { openBundles } from '../steps/open-bases.ts';
import { requireIntact } from '../steps/require-intact.ts';
import type { Trust } from '../bundle/signing/trust.ts';
import { trustedKeys } from '../steps/trusted-keys.ts';
import type { Ears } from '../steps/ears.ts';
import type { Surroundings } from '../steps/surroundings.ts';

/** What to repair, and with what. */
export interface RepairWish {
  /** The bundle. */
  readonly path: string;
  /** Path of the public key that must have signed it, in place of the keys trusted on this host. */
  readonly key?: string | undefined;
  /**
   * Patches of the bundle, or other copies of it. None are needed when only the head or the archive's structure is
   * damaged.
   */
  readonly patches: readonly string[];
}

/** Sizes in bytes. */
export interface RepairResult {
  /** Root digest; unchanged by a repair. */
  readonly root: Digest;
  readonly path: string;
  /** Files of the head that were rewritten. */
  readonly files: readonly string[];
  /** Blobs that were damaged or missing. */
  readonly mended: BlobCount;
  /** Bytes written to the medium. */
  readonly writtenBytes: number;
  readonly seconds: number;
}

/**
 * Repairs the bundle at `path` in place, then verifies all of it. Nothing is written unless all the damage can be
 * repaired. A repair that was interrupted can be run again: what it has repaired is intact by then.
 *
 * @throws what `openBundle` throws; `ERR_PATCH_INVALID` for a patch of another bundle; `ERR_BASE_MISSING` with every
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
  const trust = await trustedKeys(wish.key, surroundings, { signal });
  await using _claim = await claimOutput(`${path.replace(/[/\\]+$/, '')}.repair`);
  const done = await mend(wish, trust, ears);
  await using mended = await openBundle(path, { signal, trust });
  await requireIntact(mended, { signal, onProgress });
  return { root: mended.root, path, ...done, seconds: (performance.now() - start) / 1000 };
}

async function mend(
  { path, patches }: RepairWish,
  trust: Trust | undefined,
  { signal, onProgress, onFinding }: Ears<CheckProgress>,
): Promise<Pick<RepairResult, 'files' | 'mended' | 'writtenBytes'>> {
  await using bundle = await openBundle(path, { signal, trust, damaged: true });
  await using opened = await openBundles(patches, { signal });
  for (const patch of opened.bundles) requirePatchOf(bundle, patch);
  const checked = await checkWithBases(bundle, { signal, onProgress, bases: opened.bundles.map(bundleBase) });
  const damage = damageOf(bundle, checked);
  requireMendable(bundle, damage, { checked, hasPatch: opened.bundles.length > 0 });
  if (damage.files.includes(LAYOUT.signature)) onFinding?.(signatureLost(path));
  let writtenBytes = 0;
  const onBytes = (count: number): void => {
    writtenBytes += count;
  };
  if (checked.problems.length + checked.madeGood.length > 0) {
    await mendInPlace(basedBundle(bundle, checked.supply.sources), damage, { signal, onBytes });
  }
  const bytes = damage.blobs.reduce((sum, { size }) => sum + size, 0);
  return { files: damage.files, mended: { blobs: damage.blobs.length, bytes }, writtenBytes };
}

async function mendInPlace(bundle: OpenBundle, damage: Damage, options: MendOptions): Promise<void> {
  const right = await rightContents(bundle, damage, options);
  const { archive, shape } = bundle;
  if (shape === 'dir') return await mendFolder(bundle, right, options);
  const { reader } = archive;
  if (shape === 'memory' || reader === undefined)
    throw new TypeError(`a bundle in ${shape} cannot be mended`);
  await mendArchive(bundle, layoutIn(shape, bundle.contents), {
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

function requireMendable(
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
    `Cannot repair "${bundle.path}": "${LAYOUT.sums}" and "${LAYOUT.document}" differ, and nothing tells which of them is right`,
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
