import { parseSize } from './values.ts';

/** Less than this (bytes) would be more requests than content. */
const LEAST = 1000;

/** Declares the option that bounds requests to a registry. */
export const UPLOAD_CHUNK_OPTION = [
  '--upload-chunk',
  'SIZE',
  'send no more than this of a blob in one request, such as 50MB, where a proxy before the registry takes no larger ones',
] as const;

/** Returns what the option says. @throws `ERR_USAGE_INVALID` */
export function uploadChunkOf(text: string | undefined): number | undefined {
  return text === undefined ? undefined : parseSize(UPLOAD_CHUNK_OPTION[0], text, { min: LEAST });
}
