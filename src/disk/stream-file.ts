import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import type { ByteStream } from '../internal/bytes.ts';
import type { Lease } from '../internal/lease.ts';
import type { FetchOptions } from '../oci/roles.ts';
import { CHUNK, chunkMemory } from './chunk.ts';

/**
 * Yields the bytes of a file from its start, or from `offset` (bytes). Throws system errors as they are. `chunk` (bytes) is for
 * readers that take long over each: short ones do not grow old in memory.
 */
export function streamFile(
  path: string,
  options: FetchOptions & { readonly chunk?: number | undefined } = {},
): ByteStream {
  const { offset: start = 0, chunk = CHUNK, lease, signal } = options;
  if (lease !== undefined) return readInto(path, { start, chunk, lease, signal });
  return createReadStream(path, { start, highWaterMark: chunk, signal });
}

async function* readInto(
  path: string,
  options: {
    readonly start: number;
    readonly chunk: number;
    readonly lease: Lease;
    readonly signal: AbortSignal | undefined;
  },
): ByteStream {
  const { start, chunk, lease, signal } = options;
  await using handle = await open(path);
  const memory = chunkMemory(lease, { size: Math.min(chunk, CHUNK) });
  for (let at = start; ;) {
    signal?.throwIfAborted();
    const buffer = memory() ?? Buffer.allocUnsafe(chunk);
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, at);
    if (bytesRead === 0) return;
    at += bytesRead;
    yield buffer.subarray(0, bytesRead);
  }
}
