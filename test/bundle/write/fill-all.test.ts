import { describe, expect, it } from 'vitest';
import { fillAll } from '../../../src/bundle/write/fill-all.ts';
import type { Place } from '../../../src/bundle/write/fill-blob.ts';
import { SaddlebagError } from '../../../src/internal/error.ts';
import type { ErrorCode } from '../../../src/internal/error-code.ts';
import { digestOf } from '../../../src/oci/digest.ts';

/** Returns a place for each size, in this order in the archive. */
function placesOf(...sizes: readonly number[]): Place[] {
  return sizes.map((size, index) => ({
    blob: {
      descriptor: { mediaType: 'application/octet-stream', digest: digestOf(String(index)), size },
      origin: { type: 'url', url: 'https://files.test/x' },
    },
    position: 0,
    held: 0,
  }));
}

const failed = (code: ErrorCode, message: string): SaddlebagError => new SaddlebagError(code, message);

describe('filling all places', () => {
  it('runs no more at once than allowed, the largest first, and the small as they lie in the archive', async () => {
    const order: number[] = [];
    let [running, most] = [0, 0];
    const large = 1024 * 1024;
    await fillAll(
      placesOf(1, large + 3, 3, large + 4, 2, large + 2),
      async ({ blob }) => {
        order.push(blob.descriptor.size);
        most = Math.max(most, (running += 1));
        await new Promise((resolve) => setImmediate(resolve));
        running -= 1;
      },
      { concurrency: 2, stop: new AbortController() },
    );
    expect(order).toEqual([large + 4, large + 3, large + 2, 1, 3, 2]);
    expect(most).toBe(2);
  });

  it('takes small ones besides the large, and never more large ones than allowed', async () => {
    const large = 1024 * 1024;
    const most = { large: 0, all: 0 };
    const running: number[] = [];
    const filled: number[] = [];
    await fillAll(
      placesOf(...Array.from({ length: 20 }, (_, index) => (index % 2 === 0 ? large + index : index))),
      async ({ blob: { descriptor } }) => {
        running.push(descriptor.size);
        most.all = Math.max(most.all, running.length);
        most.large = Math.max(most.large, running.filter((size) => size >= large).length);
        await new Promise((resolve) => setImmediate(resolve));
        running.splice(running.indexOf(descriptor.size), 1);
        filled.push(descriptor.size);
      },
      { concurrency: 2, small: 3, stop: new AbortController() },
    );
    expect(most).toEqual({ large: 2, all: 5 });
    expect(filled.length).toBe(20);
  });

  it('continues after a failure and reports all of them in the order of the archive', async () => {
    const filled: number[] = [];
    const filling = fillAll(
      placesOf(1, 2, 3),
      async ({ blob: { descriptor } }) => {
        if (descriptor.size === 1) throw failed('ERR_NETWORK_FAILED', 'one');
        if (descriptor.size === 3) throw failed('ERR_DIGEST_MISMATCH', 'three');
        filled.push(descriptor.size);
      },
      { concurrency: 1, stop: new AbortController() },
    );
    await expect(filling).rejects.toMatchObject({
      code: 'ERR_NETWORK_FAILED',
      problems: [{ message: 'one' }, { message: 'three' }],
    });
    expect(filled).toEqual([2]);
  });

  it.each(['ERR_DISK_FULL', 'ERR_DISK_FAILED', 'ERR_INTERRUPTED', 'ERR_INTERNAL_BUG'] as const)(
    'stops everything at once for %s',
    async (code) => {
      const error = failed(code, 'over');
      let started = 0;
      const filling = fillAll(
        placesOf(1, 2, 3, 4),
        async (_, signal) => {
          started += 1;
          if (started === 2) throw error;
          // The other one under way is told.
          await new Promise((resolve) => signal.addEventListener('abort', resolve));
        },
        { concurrency: 2, stop: new AbortController() },
      );
      await expect(filling).rejects.toBe(error);
      expect(started).toBe(2);
    },
  );

  it('ends with the reason of the one who stops it from outside', async () => {
    const stop = new AbortController();
    const error = failed('ERR_DISK_FAILED', 'the journal broke');
    const filling = fillAll(placesOf(1), async () => stop.abort(error), { concurrency: 1, stop });
    await expect(filling).rejects.toBe(error);
  });
});
