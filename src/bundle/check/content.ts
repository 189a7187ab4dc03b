import { readFailed } from '../../disk/reader.ts';
import { isSaddlebagError, SaddlebagError } from '../../internal/error.ts';
import { type Digest, finishDigest, startDigest } from '../../oci/digest.ts';
import type { WaitOptions } from '../../oci/roles.ts';
import type { CheckReport } from './report.ts';
import type { KnownFile } from '../format/contents.ts';
import type { HashJob, ReadFailure } from '../../disk/hash/job.ts';
import { hashFiles } from '../../disk/hash/pool.ts';
import type { OpenBundle } from '../bundle.ts';

/** How far a check is (bytes). */
export interface CheckProgress {
  readonly bytesDone: number;
  readonly bytesTotal: number;
}

export interface ContentOptions extends WaitOptions {
  readonly onProgress?: ((progress: CheckProgress) => void) | undefined;
  /** Threads that hash; one for each core when left out. */
  readonly workers?: number | undefined;
}

/** Less than this (bytes) is hashed here: starting threads would take longer. */
const SMALL = 16 * 1024 * 1024;

/** Checks the content of files against their digests. */
export async function checkContent(
  bundle: OpenBundle,
  files: readonly KnownFile[],
  options: ContentOptions & { readonly report: CheckReport },
): Promise<void> {
  const { report, onProgress, signal } = options;
  const bytesTotal = files.reduce((sum, { size }) => sum + size, 0);
  let bytesDone = 0;
  const onBytes = (count: number): void => {
    bytesDone += count;
    onProgress?.({ bytesDone, bytesTotal });
  };
  const judge = (file: KnownFile, digest: Digest): void => {
    if (digest !== file.digest) report.add(file.path, contentChanged(file, digest));
  };
  const useThreads = options.workers !== undefined || bytesTotal >= SMALL;
  const jobs: (HashJob & { readonly file: KnownFile })[] = [];
  for (const file of files) {
    try {
      const extents = useThreads ? await bundle.archive.extents?.(file.path) : undefined;
      if (extents === undefined) judge(file, await hashHere(bundle, file, { signal, onBytes }));
      else jobs.push({ file, extents });
    } catch (error) {
      if (!isSaddlebagError(error) || error.code === 'ERR_INTERRUPTED') throw error;
      report.add(file.path, error);
    }
  }
  await hashFiles(jobs, {
    signal,
    onBytes,
    workers: options.workers,
    onOutcome: (index, outcome) => {
      const file = jobs[index]?.file;
      if (file === undefined) return;
      if ('digest' in outcome) judge(file, outcome.digest);
      else report.add(file.path, unreadable(file, outcome.failure));
    },
  });
}

/** For archives that are in no file, and where there is little to do. */
async function hashHere(
  bundle: OpenBundle,
  file: KnownFile,
  options: WaitOptions & { readonly onBytes: (count: number) => void },
): Promise<Digest> {
  const hash = startDigest();
  for await (const chunk of bundle.archive.stream(file.path, options)) {
    hash.update(chunk);
    options.onBytes(chunk.length);
  }
  return finishDigest(hash);
}

/** Returns the error for a file whose content is not what `bundle.json` says. */
export function contentChanged(file: KnownFile, found: Digest): SaddlebagError {
  return new SaddlebagError(
    'ERR_DIGEST_MISMATCH',
    `Cannot verify "${file.path}": expected digest "${file.digest}", found "${found}"`,
    { hint: 'Its bytes have changed: copy the bundle again, to another medium if it happens twice.' },
  );
}

function unreadable(file: KnownFile, failure: ReadFailure): SaddlebagError {
  const { file: on, position } = failure;
  const cause = readFailed(on, position, failure);
  return new SaddlebagError('ERR_DISK_FAILED', `Cannot verify "${file.path}": ${cause.message}`, {
    hint: cause.hint,
    cause,
  });
}
