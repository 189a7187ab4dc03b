import { setTimeout as sleep } from 'node:timers/promises';
import { throwIfInterrupted } from '../interrupt.ts';

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
