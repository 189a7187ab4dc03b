import { setTimeout as sleep } from 'node:timers/promises';

/** Waits until `condition` holds; the time-out of the test is the limit. */
export async function waitUntil(condition: () => boolean): Promise<void> {
  while (!condition()) await sleep(5);
}
