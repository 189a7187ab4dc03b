import type { FileHandle } from 'node:fs/promises';
import { systemError } from './errno.ts';

/**
 * Writes chunks one behind the other, from `position` (bytes) on, or where the last write ended when it is left out. A write
 * may take less than it was given: a disk that fills up takes a part first, and fails at the next try.
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

/** Returns the chunks without their first `count` bytes, and without those that are empty before the first that is not. */
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
