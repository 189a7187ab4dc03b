import { dirname } from 'node:path';
import { save } from '../disk/save.ts';
import { absentProblems } from '../bundle/check/absent-blob.ts';
import { type CheckProgress, type CheckResult, checkWithBases, type Problem } from '../bundle/check/check.ts';
import { encodeMissingList, missingListOf } from '../bundle/plan/missing-list.ts';
import type { BlobCount } from '../bundle/inventory.ts';
import { type RequiredBundle, requiredBundles } from '../bundle/inventory.ts';
import type { BlobRef } from '../bundle/bundle.ts';
import type { OpenBundle } from '../bundle/bundle.ts';
import type { OpenOptions } from '../bundle/open.ts';
import { readableParity } from '../bundle/parity/repair.ts';
import { judgeSignature, type SignatureReport } from '../bundle/signing/prove.ts';
import { isSaddlebagError } from '../internal/error.ts';
import { ProblemsError } from '../internal/problems.ts';
import type { Digest } from '../oci/digest.ts';
import { checkKit, type KitProblem, type KitReport } from '../kit/check.ts';
import { type BundleOpener, bundleOpener, type NetworkWish } from '../steps/carrier.ts';
import { openBases } from '../steps/open-bases.ts';
import { releaseFaults } from '../steps/require-intact.ts';
import { trustedKeys, type TrustWish } from '../steps/signing/trusted-keys.ts';
import type { Ears } from '../steps/ears.ts';
import type { Surroundings } from '../steps/surroundings.ts';

/** What to verify, and against what. */
export interface VerifyWish extends TrustWish, NetworkWish {
  /** The bundle. */
  readonly path: string;
  /** Number of hashing threads; one per core when left out. */
  readonly workers?: number | undefined;
  /** Bundles to search for blobs that this one requires or has damaged. When given, those blobs must be found. */
  readonly bases?: readonly string[] | undefined;
  /** Where to write the list of damaged and missing blobs, from which a patch can be built. */
  readonly missingTo?: string | undefined;
}

/** The result of checking every byte of a bundle. */
export interface VerifyResult extends SignatureReport {
  /** Root digest: one string that stands for every byte. */
  readonly root: Digest;
  readonly ok: boolean;
  /** When it was built, if the builder recorded a date. */
  readonly created?: string | undefined;
  /** Total number of problems; left out when all are listed. */
  readonly problemCount?: number | undefined;
  /** The problems. When there are too many, only the first ones, followed by one that says so. */
  readonly problems: readonly (Problem | KitProblem)[];
  /** Size of all files of the bundle (bytes). */
  readonly bytes: number;
  readonly seconds: number;
  /** For a delta: the bundles whose blobs it requires, in the order in which they are installed. */
  readonly requires?: readonly RequiredBundle[] | undefined;
  /** For a patch: the root of the bundle that it repairs. */
  readonly patchOf?: Digest | undefined;
  /** Problems that the bases make up for. */
  readonly madeGood?: number | undefined;
  /** The kit beside it, if there is one. Its problems are also among `problems`. */
  readonly kit?: KitReport | undefined;
  /** The parity file beside a damaged bundle, with which it may be repaired. */
  readonly parity?: { readonly path: string } | undefined;
  /** What the list of damaged blobs contains. */
  readonly missing?: ({ readonly path: string; readonly files: number } & BlobCount) | undefined;
}

/**
 * Verifies the whole bundle at `path` and returns every problem. When a key is trusted, the signature is checked first;
 * without a valid one, nothing else is read.
 *
 * @throws `ERR_BUNDLE_NOT_FOUND`, `ERR_BUNDLE_INVALID`, `ERR_ARCHIVE_INVALID` when it cannot even be opened; `ERR_KEY_INVALID`,
 * `ERR_SIGNATURE_MISSING`, `ERR_SIGNATURE_INVALID`; `ERR_INTERRUPTED`
 */
export async function verifyBundle(
  wish: VerifyWish,
  surroundings: Surroundings,
  { signal, onProgress, onFinding, onNetwork }: Ears<CheckProgress> = {},
): Promise<VerifyResult> {
  const start = performance.now();
  const { workers, missingTo } = wish;
  const trust = await trustedKeys(wish.key, surroundings, { signal, needed: wish.keysNeeded });
  const open = bundleOpener(wish, surroundings, { signal, onFinding, onNetwork });
  await using bundle = await openListable(wish, { open, signal, trust });
  await using given = await openBases(wish.bases, { open, signal });
  const checked = await checkWithBases(bundle, { bases: given.bases, workers, signal, onProgress });
  const isWholeWanted = given.bases.length > 0;
  const absent = isWholeWanted ? checked.supply.absent : [];
  const isOnDisk = bundle.shape !== 'registry';
  const kit = isOnDisk ? await checkKit(dirname(wish.path), { signal }) : undefined;
  const faults = await releaseFaults(bundle, { now: Date.now(), signal });
  const others: readonly Problem[] = [
    ...(kit?.problems ?? []),
    ...faults.map(({ code, message, hint }) => ({ code, path: wish.path, message, hint })),
  ];
  const problems = [...checked.problems, ...absentProblems(absent, checked, wish.path), ...others];
  const count = checked.tally.problems.count + absent.length + others.length;
  const { created, patchOf } = bundle.document;
  return {
    root: bundle.root,
    ok: problems.length === 0,
    problemCount: count > problems.length ? count : undefined,
    ...(await judgeSignature(bundle, { signal })),
    created,
    problems,
    bytes: bundle.contents.bytes,
    requires: requiredBundles(bundle.document),
    patchOf,
    madeGood: isWholeWanted ? checked.tally.madeGood.count : undefined,
    missing:
      missingTo === undefined ? undefined : await saveMissing(missingTo, bundle, { checked, isWholeWanted }),
    kit,
    parity: problems.length === 0 || !isOnDisk ? undefined : await parityFor(wish.path),
    seconds: (performance.now() - start) / 1000,
  };
}

/** Without a head it is unknown what is missing; a user who asked for a list should be told. */
async function openListable(
  { path, missingTo }: VerifyWish,
  { open, signal, trust }: OpenOptions & { readonly open: BundleOpener },
): Promise<OpenBundle> {
  if (missingTo === undefined) return await open(path, { signal, trust });
  try {
    return await open(path, { signal, trust, damaged: true });
  } catch (error) {
    if (!isSaddlebagError(error, 'ERR_BUNDLE_INVALID') && !isSaddlebagError(error, 'ERR_ARCHIVE_INVALID'))
      throw error;
    const { code, message, hint: own } = error;
    const problems = error instanceof ProblemsError ? error.problems : [];
    const hint =
      code === 'ERR_ARCHIVE_INVALID' && own !== undefined
        ? own
        : 'Its head cannot be read, and nothing else tells what is missing: copy the bundle again, or build it again.';
    throw new ProblemsError(code, message, { problems, hint, cause: error });
  }
}

async function parityFor(path: string): Promise<VerifyResult['parity']> {
  const file = await readableParity(path);
  return file === undefined ? undefined : { path: file };
}

async function saveMissing(
  path: string,
  bundle: OpenBundle,
  found: { readonly checked: CheckResult; readonly isWholeWanted: boolean },
): Promise<NonNullable<VerifyResult['missing']>> {
  const list = missingListOf(bundle, found.checked, { withRequired: found.isWholeWanted });
  await save(path, encodeMissingList(list));
  return { path, files: list.files.length, ...countOf(list.blobs) };
}

function countOf(blobs: readonly BlobRef[]): BlobCount {
  return { blobs: blobs.length, bytes: blobs.reduce((sum, { size }) => sum + size, 0) };
}
