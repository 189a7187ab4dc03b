/* oxlint-disable unicorn/require-post-message-target-origin -- a thread has no origin; the rule means windows */
import { availableParallelism } from 'node:os';
import { setImmediate } from 'node:timers/promises';
import type { Worker } from 'node:worker_threads';
import { interrupted, throwIfInterrupted } from '../../internal/interrupt.ts';
import type { WaitOptions } from '../../oci/roles.ts';
import { FileHasher, SMALL_RUN } from './file.ts';
import { type HashJob, type HashOutcome, type HashRequest, isHashReply } from './job.ts';
import { startHashThread, threadEnded } from './thread.ts';

/** A worker takes some 20 MiB of memory, and as long to start as it takes to hash this much (bytes). */
const SHARE = 128 * 1024 * 1024;
/** No medium is fast enough to feed more of them. */
const WORKER_LIMIT = 16;

/** Small jobs are handed to a worker together: messages cost more than hashing. At most so many, and so many bytes. */
const TOGETHER = { jobs: 64, bytes: 1024 * 1024 } as const;

export interface HashOptions extends WaitOptions {
  /** Number of threads beside this one; by default this one works too, and there is another for each further core if there is much to hash. */
  readonly workers?: number | undefined;
  /** Called as bytes are hashed. */
  readonly onBytes?: ((count: number) => void) | undefined;
  /** Called when a job ends, with its index in the list. */
  readonly onOutcome: (index: number, outcome: HashOutcome) => void;
}

/**
 * Hashes bytes on disk with as many threads as there are cores, largest jobs first. A failed read is the outcome of its own job;
 * the others continue.
 *
 * @throws `ERR_INTERRUPTED` within a read of 1 MiB after `signal` fired
 */
export async function hashFiles(jobs: readonly HashJob[], options: HashOptions): Promise<void> {
  const sizes = jobs.map(({ extents }) => extents.reduce((sum, { length }) => sum + length, 0));
  const { workers, onBytes, onOutcome, signal } = options;
  await hashEach(sizes, { workers, onBytes, onOutcome, signal, jobOf: (index) => jobs[index] });
}

/**
 * Hashes as {@link hashFiles} does jobs of these sizes (bytes), of which `jobOf` returns each when its turn comes, by its index; a job
 * that is `undefined` has no outcome.
 */
export async function hashEach(
  sizes: ArrayLike<number>,
  options: HashOptions & {
    readonly jobOf: (index: number) => HashJob | undefined | Promise<HashJob | undefined>;
  },
): Promise<void> {
  const { signal, jobOf, onBytes, onOutcome } = options;
  throwIfInterrupted(signal);
  const queue = new Queue(sizes);
  const isHere = options.workers === undefined;
  const count =
    options.workers ?? Math.min(availableParallelism(), WORKER_LIMIT, Math.ceil(queue.bytes / SHARE)) - 1;
  const workers = Array.from({ length: Math.max(0, Math.min(count, sizes.length)) }, startHashThread);
  const { promise: stopped, reject } = Promise.withResolvers<never>();
  const stop = (): void => reject(interrupted(signal));
  signal?.addEventListener('abort', stop, { once: true });
  const work = { queue, jobOf, onBytes, onOutcome };
  const done = workers.map(async (worker) => await drive(worker, work));
  try {
    if (isHere) done.push(hashHere(work));
    await Promise.race([stopped, Promise.all(done)]);
  } finally {
    queue.close();
    signal?.removeEventListener('abort', stop);
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
}

/** Indexes of the jobs that are not assigned yet, the largest first, and small ones as they come; shared by all workers. */
class Queue {
  /** Of all jobs. */
  readonly bytes: number;
  readonly #sizes: Float64Array;
  readonly #order: Uint32Array;
  #next = 0;
  #isClosed = false;

  constructor(sizes: ArrayLike<number>) {
    this.#sizes = Float64Array.from(sizes);
    this.bytes = this.#sizes.reduce((sum, size) => sum + size, 0);
    this.#order = Uint32Array.from(this.#sizes, (_, index) => index).sort(
      (left, right) => this.#weightOf(right) - this.#weightOf(left) || left - right,
    );
  }

  /** Takes the next jobs: one, or some that are small. */
  take(): readonly number[] {
    const taken: number[] = [];
    let bytes = 0;
    for (; this.#next < this.#order.length && taken.length < TOGETHER.jobs; this.#next += 1) {
      const index = this.#order[this.#next] ?? 0;
      bytes += this.#sizeOf(index);
      if (taken.length > 0 && bytes > TOGETHER.bytes) break;
      taken.push(index);
    }
    return taken;
  }

  /** Whether nobody waits for what is left. */
  get isClosed(): boolean {
    return this.#isClosed;
  }

  close(): void {
    this.#isClosed = true;
    this.#next = this.#order.length;
  }

  /** Small ones lie one behind the other: in that order, many are read at once. */
  #weightOf(index: number): number {
    const size = this.#sizeOf(index);
    return size <= SMALL_RUN ? 0 : size;
  }

  #sizeOf(index: number): number {
    return this.#sizes[index] ?? 0;
  }
}

interface Work {
  readonly queue: Queue;
  readonly jobOf: (index: number) => HashJob | undefined | Promise<HashJob | undefined>;
  readonly onBytes: HashOptions['onBytes'];
  readonly onOutcome: HashOptions['onOutcome'];
}

/** Hashes jobs in this thread, which has time for other things after each MiB. */
async function hashHere({ queue, jobOf, onBytes, onOutcome }: Work): Promise<void> {
  using hasher = new FileHasher();
  let unbroken = 0;
  for (let taken = queue.take(); taken.length > 0; taken = queue.take()) {
    for (const id of taken) {
      const job = await jobOf(id);
      if (job === undefined) continue;
      const steps = hasher.hash(job);
      let step = steps.next();
      for (; step.done !== true; step = steps.next()) {
        onBytes?.(step.value);
        unbroken += step.value;
        if (unbroken < TOGETHER.bytes) continue;
        unbroken = 0;
        await setImmediate();
        if (queue.isClosed) return;
      }
      onOutcome(id, step.value);
    }
  }
}

/** Gives one worker jobs after jobs; returns when none is left and the last one has ended. */
async function drive(worker: Worker, { queue, jobOf, onBytes, onOutcome }: Work): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  // One is being hashed, and the next one is there.
  let open = 2;
  const feed = async (): Promise<void> => {
    for (let taken = queue.take(); taken.length > 0; taken = queue.take()) {
      const jobs: HashRequest[] = [];
      for (const id of taken) {
        const job = await jobOf(id);
        if (job !== undefined) jobs.push({ id, extents: job.extents, crc: job.crc });
      }
      if (jobs.length > 0) return worker.postMessage(jobs);
    }
    open -= 1;
    if (open === 0) resolve();
  };
  const die = (cause: unknown): void => {
    reject(threadEnded(cause));
  };
  worker.on('error', die).on('exit', die);
  worker.on('message', (reply: unknown) => {
    try {
      if (!isHashReply(reply)) return;
      onBytes?.(reply.bytes);
      for (const { id, outcome } of reply.outcomes) onOutcome(id, outcome);
      if (reply.outcomes.length > 0) feed().catch(reject);
    } catch (error) {
      reject(error);
    }
  });
  for (let requests = open; requests > 0; requests--) feed().catch(reject);
  await promise;
}
