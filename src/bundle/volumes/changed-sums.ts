import { basename, dirname, join } from 'node:path';
import { openFileReader } from '../../disk/reader.ts';
import type { Overwrite } from '../../archive/overwrite.ts';
import { parseVolumeName } from '../../archive/volumes/volumes.ts';
import { type Digest, finishDigest, startDigest } from '../../oci/digest.ts';
import type { WaitOptions } from '../../oci/roles.ts';
import { readVolumeSums } from './sums.ts';

/** The sums of the volumes of one base, by file name. */
export interface VolumeSums {
  readonly base: string;
  readonly sums: ReadonlyMap<string, Digest>;
}

/**
 * Returns the lists of sums as they have to be after these writes, before they are done: none where no volume is written to,
 * or nobody has its list. A volume that is not what its list says stays wrong: a new sum would cover the damage up.
 *
 * @throws `ERR_DISK_FAILED`, `ERR_INTERRUPTED`
 */
export async function changedVolumeSums(
  overwrites: readonly Overwrite[],
  options: WaitOptions = {},
): Promise<readonly VolumeSums[]> {
  const lists = new Map<string, Map<string, Digest>>();
  for (const [file, own] of Map.groupBy(overwrites, (overwrite) => overwrite.file)) {
    const volume = parseVolumeName(basename(file));
    if (volume === undefined) continue;
    const base = join(dirname(file), volume.base);
    const sums = lists.get(base) ?? (await readVolumeSums(base));
    const listed = sums?.get(basename(file));
    if (sums === undefined || listed === undefined) continue;
    const { before, after } = await digestsOf(file, own, options);
    if (before === listed) lists.set(base, new Map([...sums, [basename(file), after]]));
  }
  return [...lists].map(([base, sums]) => ({ base, sums }));
}

/** Returns the digests of a file as it is and as it will be, from one reading. */
async function digestsOf(
  file: string,
  overwrites: readonly Overwrite[],
  options: WaitOptions,
): Promise<{ readonly before: Digest; readonly after: Digest }> {
  const [before, after] = [startDigest(), startDigest()];
  await using reader = await openFileReader(file);
  let at = 0;
  for await (const chunk of reader.stream(0, reader.size, options)) {
    before.update(chunk);
    for (const { position, bytes } of overwrites) {
      const start = Math.max(position, at);
      const end = Math.min(position + bytes.length, at + chunk.length);
      if (start < end) chunk.set(bytes.subarray(start - position, end - position), start - at);
    }
    after.update(chunk);
    at += chunk.length;
  }
  return { before: finishDigest(before), after: finishDigest(after) };
}
