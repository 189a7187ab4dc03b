import { setTimeout as sleep } from 'node:timers/promises';
import { interrupted, throwIfInterrupted } from '../interrupt.ts';

/** Waits `seconds`; throws `ERR_INTERRUPTED` as soon as `signal` fires. */
export async function wait(seconds: number, signal?: AbortSignal): Promise<void> {
  throwIfInterrupted(signal);
  try {
    await sleep(seconds * 1000, undefined, { signal });
  } catch (error) {
    throwIfInterrupted(signal);
    throw error;
  }
}

/** Returns what `task` returns, or throws `ERR_INTERRUPTED` at once when `signal` fires; a value that comes too late goes to `discard`. */
export async function unlessInterrupted<T>(
  task: Promise<T>,
  discard: (late: T) => void,
  signal?: AbortSignal,
): Promise<T> {
  if (signal === undefined) return await task;
  const { promise: firing, reject } = Promise.withResolvers<never>();
  const onAbort = (): void => reject(interrupted(signal));
  if (signal.aborted) onAbort();
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await Promise.race([task, firing]);
  } catch (error) {
    task.then(discard, () => undefined);
    throwIfInterrupted(signal);
    throw error;
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
