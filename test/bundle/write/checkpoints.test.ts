import { afterEach, describe, expect, it, vi } from 'vitest';
import type { ByteWriter } from '../../../src/disk/byte-file.ts';
import { Checkpoints } from '../../../src/bundle/write/checkpoints.ts';
import type { Journal } from '../../../src/bundle/write/journal.ts';
import { digestOf } from '../../../src/oci/digest.ts';

const [A, B] = [digestOf('a'), digestOf('b')];

/** A file and a journal that write down what happens to them, in order. */
function recorder(sync: () => Promise<void> = async () => undefined): {
  readonly events: string[];
  readonly file: ByteWriter;
  readonly journal: Journal;
} {
  const events: string[] = [];
  return {
    events,
    file: {
      write: async () => undefined,
      sync: async () => {
        await sync();
        events.push('synced');
      },
      [Symbol.asyncDispose]: async () => undefined,
    },
    journal: {
      append: async (positions) => {
        events.push(
          [...positions].map(([digest, bytes]) => `${digest === A ? 'a' : 'b'} ${bytes}`).join(', '),
        );
      },
      [Symbol.asyncDispose]: async () => undefined,
    },
  };
}

afterEach(() => vi.useRealTimers());

describe('checkpoints', () => {
  it('enter a position only after the bytes have reached the disk', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const { events, file, journal } = recorder(() => promise);
    await using checkpoints = new Checkpoints(file, journal, { onFailure: () => undefined });
    checkpoints.note(A, 10);
    const saved = checkpoints.save();
    // Written after the sync began, so it may not be covered by it.
    await Promise.resolve();
    checkpoints.note(A, 20);
    expect(events).toEqual([]);
    resolve();
    await saved;
    expect(events).toEqual(['synced', 'a 10']);
    await checkpoints.save();
    expect(events).toEqual(['synced', 'a 10', 'synced', 'a 20']);
  });

  it('do nothing when there is nothing new', async () => {
    const { events, file, journal } = recorder();
    await using checkpoints = new Checkpoints(file, journal, { onFailure: () => undefined });
    await checkpoints.save();
    expect(events).toEqual([]);
  });

  it('are made by themselves, again and again, until they are disposed of', async () => {
    vi.useFakeTimers();
    const { events, file, journal } = recorder();
    {
      await using checkpoints = new Checkpoints(file, journal, { onFailure: () => undefined });
      checkpoints.note(A, 1);
      checkpoints.note(B, 2);
      await vi.advanceTimersByTimeAsync(1000);
      checkpoints.note(B, 3);
      await vi.advanceTimersByTimeAsync(1000);
    }
    expect(events).toEqual(['synced', 'a 1, b 2', 'synced', 'b 3']);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('are over when they are disposed of in the middle of one', async () => {
    vi.useFakeTimers();
    const { promise, resolve } = Promise.withResolvers<void>();
    const { events, file, journal } = recorder(() => promise);
    const checkpoints = new Checkpoints(file, journal, { onFailure: () => undefined });
    checkpoints.note(A, 1);
    await vi.advanceTimersByTimeAsync(1000);
    const over = checkpoints[Symbol.asyncDispose]();
    resolve();
    await over;
    await vi.advanceTimersByTimeAsync(1000);
    expect(events).toEqual(['synced', 'a 1']);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('say when they fail, and never claim anything afterwards', async () => {
    vi.useFakeTimers();
    const failure = new Error('EIO');
    let broken = true;
    const { events, file, journal } = recorder(async () => {
      if (broken) throw failure;
    });
    const failures: unknown[] = [];
    await using checkpoints = new Checkpoints(file, journal, { onFailure: (error) => failures.push(error) });
    checkpoints.note(A, 10);
    await vi.advanceTimersByTimeAsync(1000);
    expect(failures).toEqual([failure]);
    // The second sync would succeed although the first has lost bytes.
    broken = false;
    checkpoints.note(A, 20);
    await expect(checkpoints.save()).rejects.toBe(failure);
    expect(events).toEqual([]);
  });
});
