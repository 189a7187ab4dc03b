import { rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { SaddlebagError } from '../../internal/error.ts';
import { interrupted, throwIfInterrupted } from '../../internal/interrupt.ts';
import type { WaitOptions } from '../../oci/roles.ts';
import { attempt, isAbsent } from '../errno.ts';
import { namesIn } from '../names.ts';
import { fateOf } from './process-mark.ts';
import { clearLeftovers, markIn, temporaryName } from './temporary.ts';

/**
 * A process holds the lock of a document only for moments. A lock whose owner cannot be checked expires after this time
 * (milliseconds).
 */
const LIFETIME = 60_000;
/** How long to wait before looking again (milliseconds): it varies, so that one of two processes gets ahead. */
const PAUSE = { least: 5, most: 50 };

/** What this process is waiting for, by path. */
const queues = new Map<string, Promise<void>>();

/**
 * Waits until nobody else changes the document at `path`, in this process or another, and holds the lock until
 * disposed. It is meant for a short read, change and write. The folder must exist.
 *
 * Each process creates a file of its own beside the document and then looks for others: of two, at least one sees the
 * other and steps back. This needs no atomic swap, so it works on every filesystem. Files of dead processes are
 * removed.
 *
 * @throws `ERR_OUTPUT_UNWRITABLE` when another process keeps it; `ERR_INTERRUPTED`; `ERR_DISK_FULL`, `ERR_DISK_FAILED`
 */
export async function lockDocument(path: string, options: WaitOptions = {}): Promise<AsyncDisposable> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const before = queues.get(path);
  const own = (before ?? Promise.resolve()).then(() => promise);
  queues.set(path, own);
  const leave = (): void => {
    resolve();
    if (queues.get(path) === own) queues.delete(path);
  };
  try {
    await before;
    const claim = await claimed(path, options);
    return {
      [Symbol.asyncDispose]: async () => {
        try {
          await attempt('unlock', path, async () => await rm(claim, { force: true }));
        } finally {
          leave();
        }
      },
    };
  } catch (error) {
    leave();
    throw error;
  }
}

/**
 * Removes the locks of dead processes, for a document that has nothing to change. They hold nobody up, so one that cannot be removed
 * stays.
 */
export async function clearLocks(path: string): Promise<void> {
  await clearLeftovers(dirname(path), subjectOf(path)).catch(() => undefined);
}

async function claimed(path: string, { signal }: WaitOptions): Promise<string> {
  const claim = join(dirname(path), temporaryName(subjectOf(path)));
  for (let waited = 0; ;) {
    throwIfInterrupted(signal);
    await attempt('lock', path, async () => await writeFile(claim, '', { mode: 0o600 }));
    const other = await otherClaim(claim, path);
    if (other === undefined) return claim;
    await rm(claim, { force: true });
    if (waited > LIFETIME) throw busy(path, other);
    const delay = PAUSE.least + Math.random() * (PAUSE.most - PAUSE.least);
    await pause(delay, undefined, { signal }).catch(() => {
      throw interrupted(signal);
    });
    waited += delay;
  }
}

/** Returns another valid claim, and removes those that are no longer valid. */
async function otherClaim(own: string, path: string): Promise<string | undefined> {
  const folder = dirname(path);
  for (const name of await namesIn(folder)) {
    const claim = join(folder, name);
    const mark = markIn(name, subjectOf(path));
    if (mark === undefined || claim === own) continue;
    const fate = fateOf(mark);
    if (fate === 'alive' || (fate === 'unknown' && !(await isOlder(claim, own)))) return claim;
    await rm(claim, { force: true });
  }
  return undefined;
}

/** Both times come from the clock of the filesystem, so they are comparable. */
async function isOlder(claim: string, own: string): Promise<boolean> {
  try {
    const [theirs, ours] = [await stat(claim), await stat(own)];
    return ours.mtimeMs - theirs.mtimeMs > LIFETIME;
  } catch (error) {
    if (isAbsent(error)) return true;
    throw error;
  }
}

/** Keeps the name of a lock apart from the temporary name of the document. */
function subjectOf(path: string): string {
  return `lock-${basename(path)}`;
}

function busy(path: string, claim: string): SaddlebagError {
  return new SaddlebagError(
    'ERR_OUTPUT_UNWRITABLE',
    `Cannot change ${JSON.stringify(path)}: another process is changing it`,
    { hint: `Wait for it to finish. If there is no such process, delete "${claim}".` },
  );
}
