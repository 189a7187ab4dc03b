import { parseSize } from './values.ts';

/** Smaller chunks (bytes) would cost more in requests than in content. */
const LEAST = 1000;

/** Declares the option that limits the size of upload requests to a registry. */
export const UPLOAD_CHUNK_OPTION = [
  '--upload-chunk',
  'SIZE',
  'send at most this much of a blob in one request, such as 50MB, where a proxy in front of the registry takes no larger ones',
] as const;

/** Returns the option's value. @throws `ERR_USAGE_INVALID` */
export function uploadChunkOf(text: string | undefined): number | undefined {
  return text === undefined ? undefined : parseSize(UPLOAD_CHUNK_OPTION[0], text, { min: LEAST });
}
