import type { FileHandle } from 'node:fs/promises';
import { systemError } from '../errno.ts';

/**
 * Writes chunks one after the other, starting at `position` (bytes), or where the last write ended when it is left out.
 * A single write may be partial: a disk that fills up accepts a part first, and fails on the next attempt.
 */
export async function writeAll(
  handle: FileHandle,
  chunks: readonly Uint8Array[],
  position?: number,
): Promise<void> {
  let rest = without(chunks, 0);
  let done = 0;
  while (rest.length > 0) {
    const { bytesWritten } = await handle.writev(rest, position === undefined ? undefined : position + done);
    if (bytesWritten === 0) throw systemError('ENOSPC');
    rest = without(rest, bytesWritten);
    done += bytesWritten;
  }
}

/** Returns the chunks without their first `count` bytes, and without leading empty chunks. */
function without(chunks: readonly Uint8Array[], count: number): readonly Uint8Array[] {
  let left = count;
  let index = 0;
  for (const chunk of chunks) {
    if (left < chunk.length) break;
    left -= chunk.length;
    index += 1;
  }
  const [first, ...others] = chunks.slice(index);
  return first === undefined ? [] : [first.subarray(left), ...others];
}
