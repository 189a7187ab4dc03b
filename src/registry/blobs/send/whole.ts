import { assertStored, closingUrl, startUpload } from '../upload-session.ts';
import { withBody } from './body.ts';
import type { Progress, Upload } from './upload.ts';

/** Sends a blob in one request: "POST then PUT". */
export async function sendWhole(upload: Upload, progress: Progress): Promise<void> {
  const { session, ask, expected } = upload;
  const point = await startUpload(session, ask);
  progress.isSending = true;
  await withBody(upload, { start: 0, end: expected.size }, async (body) => {
    await using response = await session.send({
      ...ask,
      ...body,
      path: closingUrl(point, expected),
      method: 'PUT',
    });
    await assertStored(session, response, { ask, expected });
  });
}
