import { basename, dirname, join } from 'node:path';
import { openFileReader } from '../../disk/reader.ts';
import type { Overwrite } from '../../archive/archive.ts';
import { parseVolumeName } from '../../archive/volumes/volumes.ts';
import { type Digest, finishDigest, startDigest } from '../../oci/digest.ts';
import type { WaitOptions } from '../../oci/roles.ts';
import { readVolumeSums } from './sums.ts';
import { readUndo } from './undo.ts';

/** The sums of the volumes of one base, by file name. */
export interface VolumeSums {
  readonly base: string;
  readonly sums: ReadonlyMap<string, Digest>;
  /** Whether an earlier write left a volume half done. */
  readonly isHalfDone: boolean;
}

/**
 * Returns, before these writes are done, the lists of sums as they must be afterwards: none where no volume is written to, or
 * where there is no list. A volume that does not match its list stays wrong, since a new sum would hide the damage; one that
 * an earlier write left half done is judged by its content before that write.
 *
 * @throws `ERR_DISK_FAILED`, `ERR_INTERRUPTED`
 */
export async function changedVolumeSums(
  overwrites: readonly Overwrite[],
  options: WaitOptions = {},
): Promise<readonly VolumeSums[]> {
  const lists = new Map<string, VolumeSums>();
  for (const [file, own] of Map.groupBy(overwrites, (overwrite) => overwrite.file)) {
    const volume = parseVolumeName(basename(file));
    if (volume === undefined) continue;
    const base = join(dirname(file), volume.base);
    const known = lists.get(base);
    const sums = known?.sums ?? (await readVolumeSums(base));
    const listed = sums?.get(basename(file));
    if (sums === undefined || listed === undefined) continue;
    const undo = (await readUndo(base)).filter((one) => one.file === file);
    const { found, before, after } = await digestsOf(file, { own, undo }, options);
    if (found !== listed && before !== listed) continue;
    const isHalfDone = known?.isHalfDone === true || found !== listed;
    lists.set(base, { base, sums: new Map([...sums, [basename(file), after]]), isHalfDone });
  }
  return [...lists.values()];
}

/** Returns the digests of a file as it is, as it was before any write, and as it will be, in one reading. */
async function digestsOf(
  file: string,
  writes: { readonly own: readonly Overwrite[]; readonly undo: readonly Overwrite[] },
  options: WaitOptions,
): Promise<{ readonly found: Digest; readonly before: Digest; readonly after: Digest }> {
  const [found, before, after] = [startDigest(), startDigest(), startDigest()];
  await using reader = await openFileReader(file);
  let at = 0;
  for await (const chunk of reader.stream(0, reader.size, options)) {
    found.update(chunk);
    if (writes.undo.length > 0) before.update(withWrites(chunk, at, writes.undo));
    after.update(withWrites(chunk, at, writes.own));
    at += chunk.length;
  }
  const now = finishDigest(found);
  const then = writes.undo.length > 0 ? finishDigest(before) : now;
  return { found: now, before: then, after: finishDigest(after) };
}

/** Returns a chunk with these writes applied; the chunk itself when none touches it. */
function withWrites(chunk: Uint8Array, at: number, writes: readonly Overwrite[]): Uint8Array {
  let written = chunk;
  for (const { position, bytes } of writes) {
    const start = Math.max(position, at);
    const end = Math.min(position + bytes.length, at + chunk.length);
    if (start >= end) continue;
    if (written === chunk) written = chunk.slice();
    written.set(bytes.subarray(start - position, end - position), start - at);
  }
  return written;
}
