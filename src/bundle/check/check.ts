import { type BlobBase, findInBases, type Supply } from './base.ts';
import { basedBundle } from './based-bundle.ts';
import { blameForDamage } from '../volumes/blame.ts';
import { type CheckProgress, checkContent, type ContentOptions } from './content.ts';
import { checkHead } from './head.ts';
import { readDockerList } from './docker-list.ts';
import { checkItems } from './items.ts';
import { mapRows, selectRows } from '../../internal/table/rows.ts';
import { BlobOwners } from '../plan/owned.ts';
import { CheckReport, type Problem, type Tally } from './report.ts';
import { checkSignature } from './signature.ts';
import { checkStructure } from './structure.ts';
import { type BundleFile, isKnown } from '../format/blobs/contents.ts';
import { type BlobRef, requiredBlobs } from '../format/document.ts';
import { BLOB_FOLDER, blobPath, LAYOUT } from '../format/layout.ts';
import { madeGoodBy } from './made-good.ts';
import type { OpenBundle } from '../bundle.ts';

export type { CheckProgress, Problem };

export interface CheckOptions extends ContentOptions {
  /** Where to look for blobs that the bundle requires, or does not have intact. */
  readonly bases?: readonly BlobBase[] | undefined;
  /**
   * Leaves out the bytes of blobs, beside those of manifests: whoever reads them checks them before, with {@link checkBlobs}.
   */
  readonly headOnly?: boolean | undefined;
}

/** What a check found out beside problems: how far the bundle is complete with its bases. */
export interface CheckResult {
  /** What is wrong, but for damage that the bases make good: where it is much, the first, and how many more there are. */
  readonly problems: readonly Problem[];
  /** Damage that the bases make good, in the same way. */
  readonly madeGood: readonly Problem[];
  /** All of both, counted. */
  readonly tally: { readonly problems: Tally; readonly madeGood: Tally };
  /** Blobs that are not in the bundle, or not intact, and where they were found. What is absent is required, and nowhere. */
  readonly supply: Supply;
  /** Which items need each blob, as far as manifests can be read. */
  readonly owners: BlobOwners;
}

/**
 * Checks a bundle whole: that every file is there and none beside them, every byte against its digest, every item down to
 * its last blob, and that what other programs read agrees with `bundle.json`. Returns all problems, each once; none means
 * that the bundle is exactly what was built. What a delta requires need not be there.
 *
 * @throws `ERR_INTERRUPTED`, and nothing else that is wrong with a bundle
 *
 * @visibleForTesting
 */
export async function checkBundle(
  bundle: OpenBundle,
  options: CheckOptions = {},
): Promise<readonly Problem[]> {
  return (await checkWithBases(bundle, options)).problems;
}

/** Checks a bundle as {@link checkBundle} does, and its bases for what it lacks. */
export async function checkWithBases(bundle: OpenBundle, options: CheckOptions = {}): Promise<CheckResult> {
  const { bases = [], headOnly = false, onProgress, workers, signal } = options;
  const report = new CheckReport();
  const present = await checkStructure(bundle, report, options);
  // bundle.json was read whole when it was opened, and gave the root digest; SHA256SUMS is compared line by line.
  const isOwn = ({ path }: BundleFile): boolean => path === LAYOUT.document || path === LAYOUT.sums;
  const files = mapRows(present, (file) => (isOwn(file) ? { path: file.path, size: file.size } : file));
  const hasChecksums = bundle.archive.checksum !== undefined;
  const hashed = selectRows(
    files,
    (file) => (hasChecksums || isKnown(file)) && !(headOnly && file.path.startsWith(BLOB_FOLDER)),
  );
  await checkContent(bundle, hashed, { report, onProgress, workers, signal });
  await checkSignature(bundle, { report, signal });
  const { blobs } = bundle.document;
  const damaged = blobs.filter(({ digest }) => !report.isSound(blobPath(digest)));
  const supply = await findInBases([...damaged, ...requiredBlobs(bundle.document)], bases, options);
  const whole = basedBundle(bundle, supply.sources);
  const dockerList = await readDockerList(whole, { report, signal });
  const { owners, isWhole } = await checkItems(whole, { report, dockerList, signal });
  await checkHead(whole, { report, signal });
  if (isWhole) dockerList?.finish(report);
  const isVouchedFor = bases.some((base) => base.vouchesFor.includes(bundle.root));
  const isMadeGood = madeGoodBy(bundle, { supply, isVouchedFor });
  const tally = { problems: report.tally((path) => !isMadeGood(path)), madeGood: report.tally(isMadeGood) };
  const problems = report.problems(tally.problems, bundle.path, owners);
  const told = new Set(damaged);
  return {
    problems: [...problems, ...(await blameForDamage(bundle, problems, options))],
    madeGood: report.problems(tally.madeGood, bundle.path, owners),
    tally,
    // A damaged blob that no base has was already reported as a problem.
    supply: { ...supply, absent: supply.absent.filter((blob) => !told.has(blob)) },
    owners,
  };
}

/** Checks the bytes of these blobs of a bundle, keeps what `staging` wants of them, and finds those that are damaged in the bases. */
export async function checkBlobs(
  bundle: OpenBundle,
  blobs: readonly BlobRef[],
  options: CheckOptions = {},
): Promise<{ readonly problems: readonly Problem[]; readonly count: number; readonly supply: Supply }> {
  const { bases = [], onProgress, workers, staging, signal } = options;
  const report = new CheckReport();
  const files = mapRows(blobs, ({ digest, size }) => ({ path: blobPath(digest), digest, size }));
  await checkContent(bundle, files, { report, onProgress, workers, staging, signal });
  const damaged = blobs.filter(({ digest }) => !report.isSound(blobPath(digest)));
  const supply = await findInBases(damaged, bases, options);
  const lost = new Set(supply.absent.map(({ digest }) => blobPath(digest)));
  const tally = report.tally((path) => lost.has(path));
  const problems = report.problems(tally, bundle.path, new BlobOwners());
  return { problems, count: tally.count, supply };
}
