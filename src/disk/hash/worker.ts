/* oxlint-disable unicorn/require-post-message-target-origin -- a thread has no origin; the rule means windows */
/** A worker thread of the pool: it takes jobs and answers with digests until the pool ends it. */
import { parentPort } from 'node:worker_threads';
import { FileHasher } from './file.ts';
import { isHashRequests } from './job.ts';

/** Progress is reported in steps of at least this size (bytes). */
const STEP = 4 * 1024 * 1024;

const hasher = new FileHasher();
parentPort?.on('message', (request: unknown) => {
  if (!isHashRequests(request)) return;
  let bytes = 0;
  const outcomes = request.map((job) => {
    const steps = hasher.hash(job);
    for (;;) {
      const { value, done } = steps.next();
      if (done === true) return { id: job.id, outcome: value };
      bytes += value;
      if (bytes < STEP) continue;
      parentPort?.postMessage({ bytes, outcomes: [] });
      bytes = 0;
    }
  });
  parentPort?.postMessage({ bytes, outcomes });
});
