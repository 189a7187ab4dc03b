/* oxlint-disable unicorn/require-post-message-target-origin -- a thread has no origin; the rule means windows */
/** A worker thread: it takes jobs of the pool, or bytes of digests that run, and answers with digests until it is ended. */
import { parentPort } from 'node:worker_threads';
import { FileHasher } from './file.ts';
import { finishDigest, startDigest } from '../../oci/digest.ts';
import { type DigestReply, type DigestRequest, isDigestRequest, isHashRequests } from './job.ts';

/** Progress is reported in steps of at least this size (bytes). */
const STEP = 4 * 1024 * 1024;

const hasher = new FileHasher();
parentPort?.on('message', (request: unknown) => {
  if (isDigestRequest(request)) return parentPort?.postMessage(step(request));
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

const runs = new Map<number, ReturnType<typeof startDigest>>();

function step({ run, step: kind, bytes }: DigestRequest): DigestReply {
  const hash = runs.get(run) ?? startDigest();
  if (bytes !== undefined) hash.update(bytes);
  if (kind === 'update') runs.set(run, hash);
  else runs.delete(run);
  return { run, digest: kind === 'finish' ? finishDigest(hash) : undefined };
}
