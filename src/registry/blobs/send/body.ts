import type { ByteStream } from '../../../internal/bytes.ts';
import type { Lease } from '../../../internal/lease.ts';
import type { HttpRequest } from '../../../internal/http/http.ts';
import { MEDIA_TYPE } from '../../../oci/media-type.ts';
import { sized, verified } from '../../../oci/verified.ts';
import { unhurried } from '../../unhurried.ts';
import type { Upload } from './upload.ts';

/** The bytes of a blob from `start` (included) to `end` (excluded). */
export interface Slice {
  readonly start: number;
  readonly end: number;
}

/** The parts of a request that concern its body. */
type BodyOf = Required<Pick<HttpRequest, 'headers' | 'body' | 'bodyLength' | 'weight' | 'retries'>>;

/**
 * Calls `send` with a body that holds a slice of the blob. An error from the content's own source is the cause, whatever the
 * registry made of half an upload.
 */
export async function withBody<T>(
  upload: Upload,
  slice: Slice,
  send: (request: BodyOf) => Promise<T>,
): Promise<T> {
  const source: { failure?: { readonly error: unknown } } = {};
  const bodyLength = slice.end - slice.start;
  const { isWary, ask } = upload;
  const body = (lease: Lease): ByteStream => {
    const stream = watched(sliceOf(upload, slice, lease), source);
    return isWary ? unhurried(stream, ask.signal) : stream;
  };
  const headers = { 'content-type': MEDIA_TYPE.octetStream };
  try {
    return await send({ headers, body, bodyLength, weight: bodyLength, retries: 0 });
  } catch (error) {
    throw source.failure === undefined ? error : source.failure.error;
  }
}

function sliceOf(
  { expected, content, isSuspect, ask }: Upload,
  { start, end }: Slice,
  lease: Lease,
): ByteStream {
  const { signal } = ask;
  if (end < expected.size) {
    return taking(content.fetch(expected, { offset: start, lease, signal }), end - start);
  }
  // Reads from the start even when only the rest is sent, because the digest covers all of it.
  const stream = content.fetch(expected, { lease, signal });
  const whole = isSuspect ? verified(stream, expected) : sized(stream, expected);
  return start === 0 ? whole : skipping(whole, start);
}

async function* skipping(stream: ByteStream, count: number): ByteStream {
  let left = count;
  for await (const chunk of stream) {
    if (chunk.length > left) yield left === 0 ? chunk : chunk.subarray(left);
    left = Math.max(0, left - chunk.length);
  }
}

async function* taking(stream: ByteStream, count: number): ByteStream {
  let left = count;
  for await (const chunk of stream) {
    yield chunk.subarray(0, left);
    left -= chunk.length;
    if (left <= 0) return;
  }
}

async function* watched(stream: ByteStream, source: { failure?: { readonly error: unknown } }): ByteStream {
  try {
    yield* stream;
  } catch (error) {
    source.failure = { error };
    throw error;
  }
}
