import { type FileHandle, open } from 'node:fs/promises';
import { digestOf } from '../../oci/digest.ts';
import { identityOf } from '../holdings/file-identity.ts';
import { entityTag, isKnownToClient, mayAnswerRange } from './entity-tag.ts';
import type { Exchange } from './exchange.ts';
import { handOver } from './hand-over.ts';
import { parseRange } from './range.ts';
import { sendBytes } from './reply.ts';

/** Read and sent at a time (bytes). */
const CHUNK = 256 * 1024;

/**
 * Answers with a file on disk or a part of it, as it is there: whoever fetches it checks it. Throws system errors as they are;
 * once the answer has begun, the caller must cut the connection.
 */
export async function sendFile(
  exchange: Exchange,
  path: string,
  options: { readonly name: string },
): Promise<void> {
  const { request, response, method, stallLimit } = exchange;
  await using file = await open(path, 'r');
  const stats = await file.stat({ bigint: true });
  const size = Number(stats.size);
  const tag = digestOf(identityOf(stats));
  const headers = {
    'content-type': 'application/octet-stream',
    'content-disposition': `attachment; filename*=UTF-8''${encodeURIComponent(options.name)}`,
    'accept-ranges': 'bytes',
    etag: entityTag(tag),
    'cache-control': 'no-cache',
    'x-content-type-options': 'nosniff',
  };
  if (isKnownToClient(request.headers, tag)) {
    response.writeHead(304, headers).end();
    return;
  }
  const isRange = method === 'GET' && mayAnswerRange(request.headers, tag);
  const range = parseRange(isRange ? request.headers.range : undefined, size);
  if (range.type === 'unsatisfiable')
    return sendBytes(exchange, 416, {
      type: 'text/plain; charset=utf-8',
      bytes: `the file has ${size} bytes\n`,
      headers: { 'content-range': `bytes */${size}` },
    });
  const isPart = range.type === 'part';
  const [first, last] = isPart ? [range.first, range.last] : [0, size - 1];
  const length = { 'content-length': last - first + 1 };
  if (isPart) response.setHeader('content-range', `bytes ${first}-${last}/${size}`);
  response.writeHead(isPart ? 206 : 200, { ...headers, ...length });
  if (method === 'GET') await stream(file, path, { response, stallLimit, first, last });
  response.end();
}

/** Sends the bytes of a file from `first` to `last`, inclusive; no faster than they are taken. */
async function stream(
  file: FileHandle,
  path: string,
  options: Pick<Exchange, 'response' | 'stallLimit'> & { readonly first: number; readonly last: number },
): Promise<void> {
  const { response, stallLimit, first, last } = options;
  for (let at = first; at <= last;) {
    const length = Math.min(CHUNK, last + 1 - at);
    const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(length), 0, length, at);
    if (bytesRead === 0) throw new Error(`"${path}" ended at byte ${at}`);
    await handOver(response, buffer.subarray(0, bytesRead), { stallLimit });
    at += bytesRead;
  }
}
