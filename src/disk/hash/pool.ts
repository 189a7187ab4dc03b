/* oxlint-disable unicorn/require-post-message-target-origin -- a thread has no origin; the rule means windows */
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { SaddlebagError } from '../../internal/error.ts';
import { interrupted, throwIfInterrupted } from '../../internal/interrupt.ts';
import type { WaitOptions } from '../../oci/roles.ts';
import { type HashJob, type HashOutcome, isHashReply } from './job.ts';

/** With less than this for each worker (bytes), starting it takes longer than the work. */
const SHARE = 16 * 1024 * 1024;
/** Each worker costs about 10 MiB, and no medium is fast enough to feed more of them. */
const WORKER_LIMIT = 16;
/** The worker loads little code, so that it starts quickly. In the bundled program its file has another name. */
const WORKER = import.meta.url.endsWith('.ts') ? './worker.ts' : './hash-worker.mjs';

export interface HashOptions extends WaitOptions {
  /** Number of threads; by default one for each core, fewer when there is little to hash. */
  readonly workers?: number | undefined;
  /** Called as bytes are hashed. */
  readonly onBytes?: ((count: number) => void) | undefined;
  /** Called when a job ends, with its index in the list. */
  readonly onOutcome: (index: number, outcome: HashOutcome) => void;
}

/**
 * Hashes bytes on disk with one thread for each core, largest job first. A failed read is the outcome of its own job;
 * the others continue.
 *
 * @throws `ERR_INTERRUPTED` within a read of 1 MiB after `signal` fired
 */
export async function hashFiles(jobs: readonly HashJob[], options: HashOptions): Promise<void> {
  throwIfInterrupted(options.signal);
  const sizes = jobs.map(({ extents }) => extents.reduce((sum, { length }) => sum + length, 0));
  const total = sizes.reduce((sum, size) => sum + size, 0);
  const order = jobs.map((_, id) => id).sort((left, right) => (sizes[right] ?? 0) - (sizes[left] ?? 0));
  const queue = order.values();
  const count =
    options.workers ?? Math.min(availableParallelism(), WORKER_LIMIT, Math.ceil(total / SHARE), jobs.length);
  const workers = Array.from(
    { length: Math.min(count, jobs.length) },
    () => new Worker(new URL(WORKER, import.meta.url)),
  );
  const { promise: stopped, reject } = Promise.withResolvers<never>();
  const stop = (): void => reject(interrupted(options.signal));
  options.signal?.addEventListener('abort', stop, { once: true });
  try {
    await Promise.race([
      stopped,
      Promise.all(workers.map((worker) => drive(worker, { jobs, queue, options }))),
    ]);
  } finally {
    options.signal?.removeEventListener('abort', stop);
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
}

interface Work {
  readonly jobs: readonly HashJob[];
  /** Indexes of the jobs that are not assigned yet; shared by all workers. */
  readonly queue: Iterator<number>;
  readonly options: HashOptions;
}

/** Gives one worker job after job; returns when none is left and the last one has ended. */
async function drive(worker: Worker, { jobs, queue, options }: Work): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const feed = (): void => {
    const { value: id, done } = queue.next();
    if (done === true) resolve();
    else worker.postMessage({ id, extents: jobs[id]?.extents ?? [], crc: jobs[id]?.crc });
  };
  const take = (reply: unknown): void => {
    if (!isHashReply(reply)) return;
    options.onBytes?.(reply.bytes);
    if (reply.outcome === undefined) return;
    options.onOutcome(reply.id, reply.outcome);
    feed();
  };
  const die = (cause: unknown): void => {
    reject(new SaddlebagError('ERR_INTERNAL_BUG', 'Cannot hash: a worker thread ended', { cause }));
  };
  worker.on('error', die).on('exit', die);
  worker.on('message', (reply: unknown) => {
    try {
      take(reply);
    } catch (error) {
      reject(error);
    }
  });
  feed();
  await promise;
}
