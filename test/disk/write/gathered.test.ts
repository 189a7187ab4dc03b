import { describe, expect, it } from 'vitest';
import type { ByteWriter } from '../../../src/disk/byte-file.ts';
import { GatheredWrites } from '../../../src/disk/write/gathered.ts';

interface Scene {
  readonly gathered: GatheredWrites<string>;
  /** What was written: `POSITION TEXT`. */
  readonly writes: string[];
  /** What was told after each write. */
  readonly told: string[][];
  readonly add: (position: number, ...chunks: readonly string[]) => Promise<void>;
}

/** A writer that fails as soon as `failure` says so. */
function setUp({ failure, onTold }: { failure?: () => Error | undefined; onTold?: () => void } = {}): Scene {
  const writes: string[] = [];
  const told: string[][] = [];
  const writer: ByteWriter = {
    write: async (chunks, position) => {
      await Promise.resolve();
      const error = failure?.();
      if (error !== undefined) throw error;
      writes.push(`${position} ${Buffer.concat(chunks).toString()}`);
    },
    sync: async () => undefined,
    [Symbol.asyncDispose]: async () => undefined,
  };
  const gathered = new GatheredWrites<string>(writer, (written) => {
    told.push([...written]);
    onTold?.();
  });
  const add = async (position: number, ...chunks: readonly string[]): Promise<void> =>
    await gathered.add({
      position,
      chunks: chunks.map((text) => Buffer.from(text)),
      of: chunks.join(''),
    });
  return { gathered, writes, told, add };
}

describe('small pieces that are gathered', () => {
  it('are written at once where one lies behind the other, whatever their order', async () => {
    const { gathered, writes, told, add } = setUp();
    await add(6, 'cc');
    await add(20, 'd');
    await add(0, 'aa', 'b');
    await add(3, 'bbb');
    expect(writes).toEqual([]);
    await gathered.flush();
    expect(writes).toEqual(['0 aabbbbcc', '20 d']);
    expect(told).toEqual([['aab', 'bbb', 'cc'], ['d']]);
  });

  it('are written where nothing is asked for, such as empty ones', async () => {
    const { gathered, told, add } = setUp();
    await add(5, 'x');
    await add(5, '');
    await gathered.flush();
    expect(told.flat().toSorted()).toEqual(['', 'x']);
  });

  it('are written by themselves when no others come', async () => {
    const written = Promise.withResolvers<void>();
    const { writes, add } = setUp({ onTold: () => written.resolve() });
    await add(7, 'alone');
    await written.promise;
    expect(writes).toEqual(['7 alone']);
  });

  it('are written as soon as they are many, or much', async () => {
    const many = setUp();
    for (let index = 0; index < 128; index++) await many.add(index, '.');
    expect(many.writes).toEqual([`0 ${'.'.repeat(128)}`]);
    const much = setUp();
    await much.add(0, '-'.repeat(300_000));
    await much.add(300_000, '-'.repeat(300_000));
    expect(much.told).toHaveLength(1);
  });

  it('each is written once when several ask for it at once', async () => {
    const { gathered, writes, add } = setUp();
    await add(0, 'a');
    const first = gathered.flush();
    await add(9, 'b');
    await Promise.all([first, gathered.flush(), gathered.flush()]);
    expect(writes.toSorted()).toEqual(['0 a', '9 b']);
  });

  it('are not written any more after a failure, which everybody is told of', async () => {
    let failure: Error | undefined = new Error('no space');
    const { gathered, writes, told, add } = setUp({ failure: () => failure });
    await add(0, 'a');
    await expect(gathered.flush()).rejects.toBe(failure);
    const thrown = failure;
    failure = undefined;
    await add(1, 'b');
    await expect(gathered.flush()).rejects.toBe(thrown);
    expect({ writes, told }).toEqual({ writes: [], told: [] });
  });
});
