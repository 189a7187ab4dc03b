import { makeParity, noParityForFolders, type ParityResult } from '../bundle/parity/make.ts';
import type { CheckProgress } from '../bundle/check/check.ts';
import { openBundle } from '../bundle/open.ts';
import { claimOutput } from '../disk/sharing/claim.ts';
import type { Digest } from '../oci/digest.ts';
import { parityPath } from '../parity/place.ts';
import type { Ears } from '../steps/ears.ts';
import { requireIntact } from '../steps/require-intact.ts';
import type { Surroundings } from '../steps/surroundings.ts';
import { trustedKeys, type TrustWish } from '../steps/signing/trusted-keys.ts';

/** Which bundle, and how much of it must be repairable. */
export interface ParityWish extends TrustWish {
  /** The bundle. */
  readonly path: string;
  /** How much damage it repairs, in percent of the bundle, 1 to 100; 5 when left out. */
  readonly percent?: number | undefined;
}

/** Sizes in bytes. */
export interface ParityOutcome extends ParityResult {
  /** Root digest of the bundle. */
  readonly root: Digest;
  readonly seconds: number;
}

/** What is read: the bundle is verified, then read once more. */
export type ParityProgress = CheckProgress & { readonly phase: 'verify' | 'parity' };

/**
 * Makes the parity file of the bundle at `path`, beside it, and replaces the one that is there. The bundle is verified first: a
 * parity file of damage would keep the damage.
 *
 * @throws what `openBundle` throws; `ERR_BUNDLE_DAMAGED`; `ERR_USAGE_INVALID` for a folder; `ERR_OUTPUT_UNWRITABLE`,
 * `ERR_DISK_FULL`, `ERR_DISK_FAILED`, `ERR_INTERRUPTED`
 */
export async function makeParityFile(
  wish: ParityWish,
  surroundings: Surroundings,
  { signal, onProgress }: Ears<ParityProgress> = {},
): Promise<ParityOutcome> {
  const start = performance.now();
  const { path, percent = 5 } = wish;
  const trust = await trustedKeys(wish.key, surroundings, { signal, needed: wish.keysNeeded });
  await using bundle = await openBundle(path, { signal, trust });
  const { archive, root } = bundle;
  const out = parityPath(archive.reader?.volumes?.base ?? path);
  if (archive.reader === undefined) throw noParityForFolders(out);
  await using _claim = await claimOutput(out);
  await requireIntact(bundle, {
    signal,
    onProgress: (progress) => onProgress?.({ phase: 'verify', ...progress }),
  });
  const made = await makeParity(archive, {
    path: out,
    root,
    percent,
    signal,
    onProgress: (progress) => onProgress?.({ phase: 'parity', ...progress }),
  });
  return { root, ...made, seconds: (performance.now() - start) / 1000 };
}
