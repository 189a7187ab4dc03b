/* oxlint-disable unicorn/require-post-message-target-origin -- a thread has no origin; the rule means windows */
/** A worker thread of the pool: it takes jobs and answers with digests until the pool ends it. */
import { parentPort } from 'node:worker_threads';
import { FileHasher } from './file.ts';
import { isHashRequest } from './job.ts';

/** Progress is reported in steps of at least this size (bytes). */
const STEP = 4 * 1024 * 1024;

const hasher = new FileHasher();
parentPort?.on('message', (request: unknown) => {
  if (!isHashRequest(request)) return;
  const { id } = request;
  let bytes = 0;
  const outcome = hasher.hash(request, (count) => {
    bytes += count;
    if (bytes < STEP) return;
    parentPort?.postMessage({ id, bytes });
    bytes = 0;
  });
  parentPort?.postMessage({ id, bytes, outcome });
});
