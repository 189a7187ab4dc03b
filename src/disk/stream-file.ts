import { createReadStream } from 'node:fs';
import type { ByteStream } from '../internal/bytes.ts';
import type { FetchOptions } from '../oci/roles.ts';
import { CHUNK } from './reader.ts';

/** Yields the bytes of a file from its start, or from `offset` (bytes). Throws system errors as they are. */
export function streamFile(path: string, options: FetchOptions = {}): ByteStream {
  const { offset: start = 0, signal } = options;
  return createReadStream(path, { start, highWaterMark: CHUNK, signal });
}
