import { Lease } from '../../../internal/lease.ts';
import { verified } from '../../../oci/verified.ts';
import { closeUpload, locationOf, receivedOf, startUpload, type UploadPoint } from '../upload-session.ts';
import { withBody } from './body.ts';
import type { Progress, Upload } from './upload.ts';

/**
 * Sends a blob, or the rest of it, in chunks of `size` bytes, or of the registry's minimum (distribution specification,
 * "Pushing a blob in chunks").
 */
export async function sendChunks(
  upload: Upload,
  progress: Progress,
  { begun, size }: { readonly begun: UploadPoint | undefined; readonly size: number },
): Promise<void> {
  const { session, ask, expected } = upload;
  if (upload.isSuspect) await hash(upload);
  let { isWary } = upload;
  let point = begun ?? (await startUpload(session, ask));
  progress.at = point;
  while (point.received < expected.size) {
    const start = point.received;
    const end = Math.min(expected.size, start + Math.max(size, point.leastChunk ?? 0));
    progress.isSending = true;
    point = await sendChunk({ ...upload, isWary }, point, end);
    progress.at = point;
    isWary = false;
  }
  progress.isSending = false;
  await closeUpload(session, ask, { point, expected });
}

/** A digest needs the whole blob, so it is read once before it is sent in chunks. */
async function hash({ content, expected, ask }: Upload): Promise<void> {
  const lease = new Lease({ chunks: 1 });
  const stream = content.fetch(expected, { signal: ask.signal, lease });
  for await (const _chunk of verified(stream, expected));
  lease.end();
}

async function sendChunk(upload: Upload, point: UploadPoint, end: number): Promise<UploadPoint> {
  const { session, ask } = upload;
  const { received: start, location } = point;
  return await withBody(upload, { start, end }, async (body) => {
    const headers = { ...body.headers, 'content-range': `${start}-${end - 1}` };
    await using response = await session.send({
      ...ask,
      ...body,
      headers,
      path: location.href,
      method: 'PATCH',
    });
    if (response.status < 200 || response.status >= 300) throw await session.refuse(response, ask);
    // A registry may keep less than was sent; a claim to have more is not about this chunk.
    const received = receivedOf(response);
    const isCredible = received !== undefined && received > start && received <= end;
    return { ...point, location: locationOf(response) ?? location, received: isCredible ? received : end };
  });
}
