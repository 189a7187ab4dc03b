import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import type { ByteStream } from '../internal/bytes.ts';
import type { FetchOptions } from '../oci/roles.ts';
import { CHUNK } from './reader.ts';

/** The memory of a chunk is used again this many chunks later, where the reader lets it. */
const RING = 3;

/**
 * Yields the bytes of a file from its start, or from `offset` (bytes). Throws system errors as they are. `chunk` (bytes) is for
 * readers that take long over each: short ones do not grow old in memory.
 */
export function streamFile(
  path: string,
  options: FetchOptions & { readonly chunk?: number | undefined } = {},
): ByteStream {
  const { offset: start = 0, chunk = CHUNK, recycle = false, signal } = options;
  if (recycle !== false) return recycled(path, { start, chunk, signal });
  return createReadStream(path, { start, highWaterMark: chunk, signal });
}

async function* recycled(
  path: string,
  {
    start,
    chunk,
    signal,
  }: { readonly start: number; readonly chunk: number; readonly signal?: AbortSignal | undefined },
): ByteStream {
  await using handle = await open(path);
  const ring: Uint8Array[] = [];
  for (let at = start, count = 0; ; count += 1) {
    signal?.throwIfAborted();
    const buffer = (ring[count % RING] ??= Buffer.allocUnsafeSlow(chunk));
    const { bytesRead } = await handle.read(buffer, 0, chunk, at);
    if (bytesRead === 0) return;
    at += bytesRead;
    yield buffer.subarray(0, bytesRead);
  }
}
