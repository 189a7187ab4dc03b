/* oxlint-disable unicorn/require-post-message-target-origin -- a thread has no origin; the rule means windows */
import { availableParallelism } from 'node:os';
import type { Worker } from 'node:worker_threads';
import type { SaddlebagError } from '../../internal/error.ts';
import { type Digest, finishDigest, startDigest } from '../../oci/digest.ts';
import { type DigestRequest, isDigestReply } from './job.ts';
import { startHashThread, threadEnded } from './thread.ts';

/** A digest of bytes that come one after the other. */
interface RunningDigest {
  /** Adds bytes; their memory is free once it returns. */
  update(bytes: Uint8Array): Promise<void>;
  /** Returns the digest of all of them. */
  finish(): Promise<Digest>;
  /** Ends it without a digest. */
  drop(): void;
}

/** Computes digests of content in memory. */
export interface Digests extends AsyncDisposable {
  start(): RunningDigest;
}

/**
 * Returns what computes digests in a thread of its own, so that whoever has the bytes can go on; on a single core it computes
 * them at once. Memory that threads share is not copied. @throws `ERR_INTERNAL_BUG` (its digests) when the thread ends
 */
export function openDigests({ cores = availableParallelism() }: { readonly cores?: number } = {}): Digests {
  return cores > 1 ? new DigestThread() : { start: digestHere, [Symbol.asyncDispose]: async () => undefined };
}

function digestHere(): RunningDigest {
  const hash = startDigest();
  return {
    update: async (bytes) => void hash.update(bytes),
    finish: async () => finishDigest(hash),
    drop: () => undefined,
  };
}

class DigestThread implements Digests {
  #worker: Worker | undefined;
  #runs = 0;
  /** Those who wait for an answer, in the order of their requests. */
  readonly #waiting: PromiseWithResolvers<Digest | undefined>[] = [];
  #end: SaddlebagError | undefined;

  start(): RunningDigest {
    const run = this.#runs;
    this.#runs += 1;
    let isOver = false;
    const end = (): boolean => {
      const wasOver = isOver;
      isOver = true;
      return !wasOver;
    };
    return {
      update: async (bytes) => void (await this.#ask({ run, step: 'update', bytes })),
      finish: async () => {
        end();
        const digest = await this.#ask({ run, step: 'finish' });
        if (digest === undefined) throw threadEnded();
        return digest;
      },
      drop: () => {
        if (end()) this.#ask({ run, step: 'drop' }).catch(() => undefined);
      },
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#end ??= threadEnded();
    await this.#worker?.terminate();
  }

  async #ask(request: DigestRequest): Promise<Digest | undefined> {
    if (this.#end !== undefined) throw this.#end;
    const answer = Promise.withResolvers<Digest | undefined>();
    this.#waiting.push(answer);
    (this.#worker ??= this.#begin()).postMessage(request);
    return await answer.promise;
  }

  #begin(): Worker {
    const worker = startHashThread();
    worker.on('message', (reply: unknown) => {
      if (isDigestReply(reply)) this.#waiting.shift()?.resolve(reply.digest);
    });
    const die = (cause: unknown): void => {
      this.#end ??= threadEnded(cause);
      for (const { reject } of this.#waiting.splice(0)) reject(this.#end);
    };
    return worker.on('error', die).on('exit', die);
  }
}
