import type { Recycle } from '../internal/bytes.ts';

/** Large enough that a disk reads ahead, small enough that dozens of streams at once stay cheap (bytes). */
export const CHUNK: number = 1024 * 1024;
/** The memory of a chunk is used again this many chunks later, where the reader allows it and says no more. */
const RING = 3;
/** Runs of memory kept for use again by any stream, the rest is freed: as many as there are large transfers at once. */
const KEPT = 8;
/** A stream this short (bytes) gets memory of its own size: a run for each of many small files at once would be too much. */
const SMALL = 128 * 1024;

/** Runs of {@link CHUNK} bytes that leases have given back. What is in them is old. */
const spare: Uint8Array[] = [];

/**
 * Returns what gives memory for one chunk of a stream after the other; none where it could not be used twice. That of a lease is used
 * again by the next stream: a bundle has thousands of blobs, and allocating memory for each would be most of the work. `length` is
 * that of the stream, `size` that of a chunk at most (bytes).
 */
export function chunkMemory(
  recycle: Recycle = false,
  { length = Infinity, size = CHUNK }: { readonly length?: number; readonly size?: number } = {},
): () => Uint8Array | undefined {
  const least = recycle === true ? RING * size : SMALL;
  if (recycle === false || length <= least) return () => undefined;
  const chunks = recycle === true ? RING : recycle.chunks;
  const taken: Uint8Array[] = [];
  if (recycle !== true)
    recycle.add({
      // Its turn comes anyway.
      release: () => undefined,
      end: () => void spare.push(...taken.splice(0).slice(0, KEPT - spare.length)),
    });
  let count = 0;
  return () => {
    const turn = count++ % chunks;
    const own = (taken[turn] ??= (recycle === true ? undefined : spare.pop()) ?? newMemory(recycle, size));
    return own.subarray(0, size);
  };
}

function newMemory(recycle: Recycle, size: number): Uint8Array {
  return Buffer.allocUnsafeSlow(recycle === true ? size : CHUNK);
}
