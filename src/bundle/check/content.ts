import { crc32 } from 'node:zlib';
import type { Reading, Staging } from '../../disk/placing/staging.ts';
import { readFailed } from '../../disk/reader.ts';
import { isSaddlebagError, SaddlebagError } from '../../internal/error.ts';
import { mapConcurrently } from '../../internal/gate.ts';
import { Lease } from '../../internal/lease.ts';
import { quote } from '../../internal/quote.ts';
import { type Digest, finishDigest, parseDigest, startDigest } from '../../oci/digest.ts';
import type { Rows } from '../../internal/table/rows.ts';
import type { WaitOptions } from '../../oci/roles.ts';
import type { CheckReport } from './report.ts';
import { type BundleFile, isKnown, type KnownFile } from '../format/blobs/contents.ts';
import type { HashJob, ReadFailure } from '../../disk/hash/job.ts';
import { hashEach } from '../../disk/hash/pool.ts';
import type { OpenBundle } from '../bundle.ts';

/** Progress of a check (bytes). */
export interface CheckProgress {
  readonly bytesDone: number;
  readonly bytesTotal: number;
}

export interface ContentOptions extends WaitOptions {
  readonly onProgress?: ((progress: CheckProgress) => void) | undefined;
  /** Threads that hash; one for each core when left out. */
  readonly workers?: number | undefined;
  /** Keeps the content that it wants, as it is read. */
  readonly staging?: Staging | undefined;
}

/** Less than this (bytes) is hashed here: starting threads would take longer. */
const SMALL = 16 * 1024 * 1024;

/** What was found out about the content of a file. */
interface Found {
  readonly digest: Digest;
  readonly crc?: number | undefined;
}

/** Checks the content of files against their digests, if they have one, and against the checksums of the archive, if it has any. */
export async function checkContent(
  bundle: OpenBundle,
  files: Rows<BundleFile>,
  options: ContentOptions & { readonly report: CheckReport },
): Promise<void> {
  const { report, onProgress, workers, staging, signal } = options;
  const { archive } = bundle;
  const sizes = Float64Array.from(files, ({ size }) => size);
  const bytesTotal = sizes.reduce((sum, size) => sum + size, 0);
  let bytesDone = 0;
  const onBytes = (count: number): void => {
    bytesDone += count;
    onProgress?.({ bytesDone, bytesTotal });
  };
  const checksums = new Map<string, number>();
  const judge = (file: BundleFile, { digest, crc }: Found): void => {
    if (isKnown(file) && digest !== file.digest) report.add(file.path, contentChanged(file, digest));
    // The content is right, but the archive's checksum is not.
    else if (crc !== checksums.get(file.path)) report.add(bundle.path, otherChecksum(file.path));
    checksums.delete(file.path);
  };
  const useThreads = workers !== undefined || bytesTotal >= SMALL;
  /** Returns what a thread is to hash; `undefined` for a file that it cannot read, which was hashed here. */
  const jobOf = async (file: BundleFile): Promise<HashJob | undefined> => {
    if (staging !== undefined && isKnown(file) && staging.wants(file.digest)) {
      const read: Reading = (reading) => archive.stream(file.path, reading);
      const fault = await staging.keep(file, read, { signal, onBytes });
      if (fault !== undefined) report.add(file.path, fault);
      return undefined;
    }
    try {
      const checksum = await archive.checksum?.(file.path);
      const crc = checksum !== undefined;
      if (crc) checksums.set(file.path, checksum);
      const extents = useThreads ? await archive.extents?.(file.path) : undefined;
      if (extents !== undefined) return { extents, crc };
      judge(file, await hashHere(bundle, file, { signal, onBytes, crc }));
    } catch (error) {
      if (!isSaddlebagError(error) || error.code === 'ERR_INTERRUPTED') throw error;
      report.add(file.path, error);
    }
    return undefined;
  };
  if (!useThreads || archive.extents === undefined) {
    await mapConcurrently(files, archive.readsAtOnce ?? 1, async (file) => void (await jobOf(file)));
    return;
  }
  await hashEach(sizes, {
    signal,
    onBytes,
    workers,
    jobOf: async (index) => {
      const file = files.at(index);
      return file === undefined ? undefined : await jobOf(file);
    },
    onOutcome: (index, outcome) => {
      const file = files.at(index);
      if (file === undefined) return;
      if ('digest' in outcome) judge(file, outcome);
      else report.add(file.path, unreadable(file, outcome.failure));
    },
  });
}

/** For archives that are in no file, and where there is little to do. What an archive verifies itself is not hashed twice. */
async function hashHere(
  bundle: OpenBundle,
  file: BundleFile,
  options: WaitOptions & { readonly onBytes: (count: number) => void; readonly crc: boolean },
): Promise<Found> {
  const { archive } = bundle;
  const lease = new Lease({ chunks: 1 });
  const reading = { lease, signal: options.signal };
  const known = archive.verifiedAs?.(file.path);
  if (known !== undefined) {
    for await (const chunk of archive.stream(file.path, reading)) options.onBytes(chunk.length);
    lease.end();
    return { digest: parseDigest(known) };
  }
  const hash = startDigest();
  let crc = 0;
  for await (const chunk of archive.stream(file.path, reading)) {
    hash.update(chunk);
    if (options.crc) crc = crc32(chunk, crc);
    options.onBytes(chunk.length);
  }
  lease.end();
  return { digest: finishDigest(hash), crc: options.crc ? crc : undefined };
}

/** Returns the error for a file whose content is not what `bundle.json` says. */
export function contentChanged(file: KnownFile, found: Digest): SaddlebagError {
  return new SaddlebagError(
    'ERR_DIGEST_MISMATCH',
    `Cannot verify "${file.path}": expected digest "${file.digest}", found "${found}"`,
    { hint: 'Its bytes have changed: copy the bundle again, to another medium if it happens twice.' },
  );
}

/** The digest proves the content, but programs that unpack a zip rely on this checksum. */
function otherChecksum(path: string): SaddlebagError {
  return new SaddlebagError(
    'ERR_ARCHIVE_INVALID',
    `Cannot accept entry ${quote(path)}: its checksum in the zip is wrong`,
    { hint: 'Other programs will not unpack it: repair the bundle with "bundle repair", or copy it again.' },
  );
}

function unreadable(file: BundleFile, failure: ReadFailure): SaddlebagError {
  const { file: on, position } = failure;
  const cause = readFailed(on, position, failure);
  return new SaddlebagError('ERR_DISK_FAILED', `Cannot verify "${file.path}": ${cause.message}`, {
    hint: cause.hint,
    cause,
  });
}
