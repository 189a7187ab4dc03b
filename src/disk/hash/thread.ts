import { Worker } from 'node:worker_threads';
import { SaddlebagError } from '../../internal/error.ts';

/** It loads little code, so that it starts quickly. In the bundled program its file has another name. */
const WORKER = import.meta.url.endsWith('.ts') ? './worker.ts' : './hash-worker.mjs';

/** What a thread may take (MiB): it makes little that is not gone at once, and by default takes much before it looks. */
const MEMORY = { maxYoungGenerationSizeMb: 1, maxOldGenerationSizeMb: 32 } as const;

/** Starts a thread that hashes. */
export function startHashThread(): Worker {
  return new Worker(new URL(WORKER, import.meta.url), { resourceLimits: MEMORY });
}

/** Returns the error for a thread that ended by itself. */
export function threadEnded(cause?: unknown): SaddlebagError {
  return new SaddlebagError('ERR_INTERNAL_BUG', 'Cannot hash: a worker thread ended', { cause });
}
