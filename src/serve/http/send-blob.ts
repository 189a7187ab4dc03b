import type { OutgoingHttpHeaders } from 'node:http';
import { SaddlebagError } from '../../internal/error.ts';
import { Gate } from '../../internal/gate.ts';
import { type Digest, digestOf, finishDigest, startDigest } from '../../oci/digest.ts';
import type { Blobs, ServedBlob } from '../holdings/blobs.ts';
import { ChunkBuffers } from './chunk-buffers.ts';
import { entityTag, isKnownToClient, mayAnswerRange } from './entity-tag.ts';
import type { Exchange } from './exchange.ts';
import { handOver } from './hand-over.ts';
import { parseRange, type Range } from './range.ts';
import { sendProblem } from './reply.ts';

export interface SendOptions {
  readonly blobs: Blobs;
  readonly type: string;
  readonly headers?: OutgoingHttpHeaders | undefined;
}

/** A reader needs two buffers: one fills while the other is being sent. */
const buffers = new ChunkBuffers();
/** Chunks read concurrently: with more, a request for something small would queue behind all of them. */
const turns = new Gate(4);

/**
 * Answers with a blob or a part of it. Damaged bytes never pass as good: the first time a blob is read, its tail is held back
 * until the digest is verified, and a range is sent only after the whole blob has been verified.
 *
 * @throws as `Blobs.open`; once the answer has begun, the caller must cut the connection
 */
export async function sendBlob(exchange: Exchange, digest: Digest, options: SendOptions): Promise<void> {
  const { request, response, method } = exchange;
  const size = options.blobs.sizeOf(digest) ?? 0;
  const headers = {
    'content-type': options.type,
    'accept-ranges': 'bytes',
    etag: entityTag(digest),
    'docker-content-digest': digest,
    'cache-control': 'no-cache',
    'x-content-type-options': 'nosniff',
    ...options.headers,
  };
  if (isKnownToClient(request.headers, digest)) {
    response.writeHead(304, headers).end();
    return;
  }
  // RFC 9110, 14.2: a range applies only to GET.
  const isRange = method === 'GET' && mayAnswerRange(request.headers, digest);
  const range = isRange ? parseRange(request.headers.range, size) : parseRange(undefined, size);
  if (range.type === 'unsatisfiable') {
    const unsatisfied = { 'content-range': `bytes */${size}`, 'accept-ranges': 'bytes' };
    const message = `the blob has ${size} bytes`;
    sendProblem(response, 416, { code: 'RANGE_INVALID', message, headers: unsatisfied });
    return;
  }
  const isPart = range.type === 'part';
  await using blob = isPart ? await options.blobs.openVerified(digest) : await options.blobs.open(digest);
  // An empty blob has no tail to hold back.
  if (size === 0) blob.judge(digestOf(''));
  const [first, last] = boundsOf(range, size);
  const length = { 'content-length': last - first + 1 };
  if (isPart) response.setHeader('content-range', `bytes ${first}-${last}/${size}`);
  response.writeHead(isPart ? 206 : 200, { ...headers, ...length });
  if (method === 'GET') await stream(exchange, blob, [first, last]);
  response.end();
}

function boundsOf(range: Range, size: number): readonly [first: number, last: number] {
  return range.type === 'part' ? [range.first, range.last] : [0, size - 1];
}

/** Reads only one chunk ahead of the socket, so a slow reader costs two buffers. */
async function stream(
  { response, stallLimit }: Exchange,
  blob: ServedBlob,
  [first, last]: readonly [number, number],
): Promise<void> {
  await using chunks = buffers.take(last - first + 1);
  const hash = blob.isVerified() ? undefined : startDigest();
  const read = async (index: number, at: number): Promise<Uint8Array> => {
    const part = chunks.at(index).subarray(0, last + 1 - at);
    // A registry that is slow must not hold up what is on disk.
    await (blob.extents.length === 0 ? blob.read(part, at) : turns.run(() => blob.read(part, at)));
    return part;
  };
  let sending: Promise<void> = Promise.resolve();
  try {
    for (let index = 0, at = first; at <= last; index++) {
      const chunk = await read(index, at);
      hash?.update(chunk);
      at += chunk.length;
      if (at > last) {
        if (hash !== undefined) blob.judge(finishDigest(hash));
        if (!(await blob.isUnchanged())) throw changedMeanwhile(blob);
      }
      await sending;
      sending = handOver(response, chunk, { stallLimit });
      // A failure surfaces where the promise is awaited.
      sending.catch(() => undefined);
    }
    await sending;
  } catch (error) {
    // A failed socket may still hold the buffers it was given.
    chunks.abandon();
    throw error;
  }
}

function changedMeanwhile({ digest }: ServedBlob): SaddlebagError {
  return new SaddlebagError(
    'ERR_BUNDLE_DAMAGED',
    `Cannot serve blob "${digest}": its file was written to while it was read`,
  );
}
