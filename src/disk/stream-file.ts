import { createReadStream } from 'node:fs';
import type { ByteStream } from '../internal/bytes.ts';
import type { FetchOptions } from '../oci/roles.ts';
import { CHUNK } from './reader.ts';

/**
 * Yields the bytes of a file from its start, or from `offset` (bytes). Throws system errors as they are. `chunk` (bytes) is for
 * readers that take long over each: short ones do not grow old in memory.
 */
export function streamFile(
  path: string,
  options: FetchOptions & { readonly chunk?: number | undefined } = {},
): ByteStream {
  const { offset: start = 0, chunk = CHUNK, signal } = options;
  return createReadStream(path, { start, highWaterMark: chunk, signal });
}
