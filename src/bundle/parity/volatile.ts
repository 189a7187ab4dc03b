import type { Archive, Overwrite } from '../../archive/archive.ts';
import { overwritesFor } from '../../archive/overwrite.ts';
import type { WaitOptions } from '../../oci/roles.ts';
import type { Volatile } from '../../parity/volatile.ts';
import { LAYOUT } from '../format/layout.ts';
import { readSignatureFile } from '../signing/read.ts';

/**
 * Returns the bytes of a bundle that signing changes, as they are.
 *
 * @throws `ERR_CONTENT_NOT_FOUND`, `ERR_ARCHIVE_INVALID`, `ERR_DISK_FAILED`, `ERR_INTERRUPTED`
 */
export async function volatileOf(archive: Archive, options: WaitOptions = {}): Promise<readonly Volatile[]> {
  const signature = await readSignatureFile(archive, options);
  return volatileIn(archive, await overwritesFor(archive, LAYOUT.signature, signature));
}

/** Returns writes to the files of an archive by their place in the whole, in order; neighbours are one. */
export function volatileIn({ reader }: Archive, overwrites: readonly Overwrite[]): readonly Volatile[] {
  const starts = new Map<string, number>();
  let start = 0;
  for (const { file, size } of reader?.volumes?.volumes ?? []) {
    starts.set(file, start);
    start += size;
  }
  const placed = overwrites
    .map(({ file, position, bytes }) => ({ position: (starts.get(file) ?? 0) + position, bytes }))
    .sort((left, right) => left.position - right.position);
  return placed.reduce<readonly Volatile[]>((done, next) => {
    const last = done.at(-1);
    if (last === undefined || last.position + last.bytes.length !== next.position) return [...done, next];
    return [
      ...done.slice(0, -1),
      { position: last.position, bytes: Buffer.concat([last.bytes, next.bytes]) },
    ];
  }, []);
}
