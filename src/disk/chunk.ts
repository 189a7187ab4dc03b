import type { Lease } from '../internal/lease.ts';

/** Large enough that a disk reads ahead, small enough that dozens of streams at once stay cheap (bytes). */
export const CHUNK: number = 1024 * 1024;
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
  lease: Lease | undefined,
  { length = Infinity, size = CHUNK }: { readonly length?: number; readonly size?: number } = {},
): () => Uint8Array | undefined {
  if (lease === undefined || length <= SMALL) return () => undefined;
  const taken: Uint8Array[] = [];
  lease.add({
    // Its turn comes anyway.
    release: () => undefined,
    end: () => void spare.push(...taken.splice(0).slice(0, KEPT - spare.length)),
  });
  let count = 0;
  return () => {
    const turn = count++ % lease.chunks;
    const own = (taken[turn] ??= spare.pop() ?? Buffer.allocUnsafeSlow(CHUNK));
    return own.subarray(0, size);
  };
}
