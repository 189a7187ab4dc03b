import { closeUpload, locationOf, startUpload, type UploadPoint } from '../upload-session.ts';
import { withBody } from './body.ts';
import type { Progress, Upload } from './upload.ts';

/** Sends a blob, or the rest of it, as one stream by `PATCH`, closed by a `PUT` without a body. */
export async function sendStream(
  upload: Upload,
  progress: Progress,
  begun: UploadPoint | undefined,
): Promise<void> {
  const { session, ask, expected } = upload;
  const point = begun ?? (await startUpload(session, ask));
  progress.at = point;
  progress.at = point.received === expected.size ? point : await sendRest(upload, progress, point);
  progress.isSending = false;
  await closeUpload(session, ask, { point: progress.at, expected });
}

/** Returns the state of the upload afterwards. */
async function sendRest(upload: Upload, progress: Progress, point: UploadPoint): Promise<UploadPoint> {
  const { session, ask, expected } = upload;
  const { received: start, location } = point;
  // Docker streams without a range, so every registry accepts that; only a remainder must state its range.
  const range = start === 0 ? {} : { 'content-range': `${start}-${expected.size - 1}` };
  progress.isSending = start === 0;
  return await withBody(upload, { start, end: expected.size }, async (body) => {
    const headers = { ...body.headers, ...range };
    await using response = await session.send({
      ...ask,
      ...body,
      headers,
      path: location.href,
      method: 'PATCH',
    });
    if (response.status >= 200 && response.status < 300)
      return { ...point, location: locationOf(response) ?? location, received: expected.size };
    throw await session.refuse(response, ask);
  });
}
