import { dirname } from 'node:path';
import { type Filesystem, filesystemOf } from '../../disk/filesystem.ts';
import type { HeldPath } from '../../disk/sharing/held-path.ts';
import type { FramedLayout } from '../../archive/layout.ts';
import { layoutTar } from '../../archive/tar/layout.ts';
import { isSaddlebagError, SaddlebagError } from '../../internal/error.ts';
import type { Finding } from '../../internal/finding.ts';
import { throwIfInterrupted } from '../../internal/interrupt.ts';
import type { Digest } from '../../oci/digest.ts';
import type { WaitOptions } from '../../oci/roles.ts';
import type { BlobSource } from './blob-content.ts';
import { claimOutput } from '../../disk/sharing/claim.ts';
import { completeOutput, isWhole, requireOurs } from '../output/complete.ts';
import { USUAL_AT_ONCE } from './fill-all.ts';
import { type JournalHead, readJournal, startJournal } from './journal.ts';
import { filesOf, journalPath, layOutput, type OutputLayout, pathsOf, resultPath } from '../output/layout.ts';
import { checkLimits } from '../output/limits.ts';
import { checkPlace } from '../output/place.ts';
import { checkSpace, growingWith, measureSpace, outOfSpace } from '../output/space.ts';
import type { BundlePlan } from '../plan/plan.ts';
import { type Progress, Tally } from './progress.ts';
import { dropStaleParity, putParity } from './put-parity.ts';
import type { ParityResult } from '../parity/make.ts';
import { settleSignature } from './put-signature.ts';
import { nameOfShape, type Shape } from '../shape.ts';
import { type PartialOptions, writePartial } from './write-partial.ts';

export type { BlobSource, Progress };

export interface WriteOptions extends WaitOptions {
  /** Where to write the bundle. An existing one is replaced when the new one is complete. */
  readonly path: string;
  /** Its shape on disk; one tar when left out. */
  readonly shape?: Shape | undefined;
  /** What the filesystem there is like, when it is not to be asked. */
  readonly filesystem?: Filesystem | undefined;
  /** Blobs transferred at once; 8 when left out, and 24 more that are small. */
  readonly concurrency?: number | undefined;
  readonly onProgress?: ((progress: Progress) => void) | undefined;
  /** Takes what is worth knowing beside the result. */
  readonly onFinding?: ((finding: Finding) => void) | undefined;
  /** How much damage a parity file beside the bundle is to repair, in percent of the bundle; without it there is none. */
  readonly parity?: number | undefined;
}

/** Sizes in bytes; `fetchedBytes` and `reusedBytes` are about blobs, and together all of them. */
export interface WriteResult {
  readonly root: Digest;
  /** The path to open the bundle with: of volumes, the first. */
  readonly path: string;
  /** All that is to be carried: the bundle, of volumes each, of a folder the folder, and its parity file. */
  readonly paths: readonly string[];
  readonly bytes: number;
  readonly blobs: number;
  readonly fetchedBytes: number;
  readonly reusedBytes: number;
  /** The parity file, if one was asked for. */
  readonly parity?: ParityResult | undefined;
}

/**
 * Writes a bundle in one pass: it is laid out first, then blobs are fetched, each byte hashed once and written once, to its
 * final place; in parallel where the shape and the filesystem allow it. It grows in `<path>.partial`, with a journal beside
 * it: after any failure, a kill or a power cut, the same call continues inside the blobs it was in.
 *
 * @throws `ERR_OUTPUT_UNWRITABLE` and `ERR_DISK_FULL` before anything is fetched; `ERR_DISK_FULL`, `ERR_DISK_FAILED`,
 * `ERR_INTERRUPTED`; `ProblemsError` with everything that could not be fetched
 */
export async function writeBundle(
  plan: BundlePlan,
  source: BlobSource,
  options: WriteOptions,
): Promise<WriteResult> {
  const { path, shape = { form: 'tar' }, concurrency, onFinding, signal } = options;
  throwIfInterrupted(signal);
  await checkPlace(path, shape, { parity: options.parity });
  const filesystem = options.filesystem ?? (await filesystemOf(dirname(path)));
  const output = layOutput(plan, path, shape);
  checkLimits(output, filesystem, { parity: options.parity });
  await using _claim = await claimOutput(`${output.partial}.claim`);
  const head = { root: plan.root, bytes: output.archive.size, shape: nameOfShape(shape) };
  const tally = new Tally(plan.blobs, options.onProgress);
  const atOnce = concurrency === undefined ? USUAL_AT_ONCE : { concurrency };
  const work = { output, filesystem, head, source, tally, atOnce, onFinding, signal };
  const parity = (await isComplete(output, head))
    ? await complete(plan, work, options.parity)
    : await writeNew(plan, work, options.parity);
  if (parity === undefined) await dropStaleParity(output, plan.root);
  const { fetchedBytes, reusedBytes } = tally.progress;
  return {
    root: plan.root,
    path: resultPath(output),
    paths: [...pathsOf(output), ...(parity === undefined ? [] : [parity.path])],
    bytes: output.archive.size,
    blobs: plan.blobs.length,
    fetchedBytes,
    reusedBytes,
    parity,
  };
}

/** Ends what an earlier run was stopped in the middle of. */
async function complete(
  plan: BundlePlan,
  { output, tally, signal }: PartialOptions,
  percent: number | undefined,
): Promise<ParityResult | undefined> {
  tally.finishAll();
  await completeOutput(output);
  const from = resultPath(output);
  await settleSignature(plan, { path: from, signal });
  return percent === undefined
    ? undefined
    : await putParity(output, { from, percent, root: plan.root, tally, signal });
}

async function writeNew(
  plan: BundlePlan,
  options: PartialOptions,
  percent: number | undefined,
): Promise<ParityResult | undefined> {
  const { output, head, tally, signal } = options;
  await checkSpace(growingWith(output, percent));
  await using grown = await grow(plan, options);
  await requireOurs(output, grown);
  // Made before the bundle has its name: a run that is stopped meanwhile goes on here, and fetches nothing again.
  const from = output.volumes[0]?.file ?? output.partial;
  const parity =
    percent === undefined
      ? undefined
      : await putParity(output, { from, percent, root: plan.root, tally, signal });
  await markComplete(plan, output, head);
  await completeOutput(output, grown);
  return parity;
}

async function grow(plan: BundlePlan, options: PartialOptions): Promise<HeldPath> {
  try {
    return await writePartial(plan, options);
  } catch (error) {
    throw await explain(error, options.output);
  }
}

/** Returns where every file of a planned bundle is in a tar. @visibleForTesting */
export function layoutOf(plan: BundlePlan): FramedLayout {
  return layoutTar(filesOf(plan));
}

/** Returns whether an earlier run wrote everything, and was stopped while it renamed the files. */
async function isComplete(output: OutputLayout, head: JournalHead): Promise<boolean> {
  const journal = await readJournal(journalPath(output.path), { ...head, complete: true });
  return journal !== undefined && (await isWhole(output));
}

async function markComplete(plan: BundlePlan, { path }: OutputLayout, head: JournalHead): Promise<void> {
  const positions = plan.blobs.values().map(({ descriptor: { digest, size } }) => [digest, size] as const);
  await using _journal = await startJournal(journalPath(path), { ...head, complete: true }, positions);
}

/** Explains to the user what ended the work, and that it is not lost. */
async function explain(error: unknown, output: OutputLayout): Promise<unknown> {
  const { path } = output;
  if (isSaddlebagError(error, 'ERR_DISK_FULL')) {
    return outOfSpace(path, await measureSpace(output), error);
  }
  if (isSaddlebagError(error, 'ERR_INTERRUPTED')) {
    return new SaddlebagError('ERR_INTERRUPTED', `Cannot finish "${path}": interrupted`, {
      hint: 'Run the same command again: it continues where it stopped.',
      cause: error.cause,
    });
  }
  return error;
}
