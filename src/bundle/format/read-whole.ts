import { collectBytes } from '../../internal/bytes.ts';
import { Lease } from '../../internal/lease.ts';
import type { Archive } from '../../archive/archive.ts';

/**
 * Returns the bytes of an entry in memory of their own, for documents only. `limit` (bytes) is the ceiling; `onExcess` returns the error
 * to throw above it. Throws what {@link Archive.stream} throws.
 */
export async function readWhole(
  archive: Archive,
  path: string,
  options: {
    readonly limit: number;
    readonly onExcess: () => Error;
    readonly signal?: AbortSignal | undefined;
  },
): Promise<Uint8Array> {
  const { limit, onExcess, signal } = options;
  const extents = await archive.extents?.(path);
  if (extents === undefined) return await collectBytes(archive.stream(path, { signal }), { limit, onExcess });
  const lease = new Lease({ chunks: 1 });
  try {
    const size = extents.reduce((sum, { length }) => sum + length, 0);
    return await collectBytes(archive.stream(path, { lease, signal }), { limit, onExcess, size });
  } finally {
    lease.end();
  }
}
