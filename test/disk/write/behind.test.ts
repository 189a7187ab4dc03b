import { describe, expect, it } from 'vitest';
import { WriteBehind } from '../../../src/disk/write/behind.ts';

const KIB = 1024;

/** The sizes of chunks as sources give them, by what makes them so. */
const SIZES: Readonly<Record<string, readonly number[]>> = {
  nothing: [],
  'one byte': [1],
  'one small chunk': [4 * KIB],
  'records of TLS': Array.from({ length: 200 }, () => 16 * KIB),
  'chunks of a disk, and its rest': [...Array.from({ length: 9 }, () => 300 * KIB), 77],
  'small behind large': Array.from({ length: 40 }, (_, at) => (at % 4 === 0 ? 200 * KIB : 3 * KIB)),
  'small before large': Array.from({ length: 40 }, (_, at) => (at % 4 === 3 ? 200 * KIB : 70 * KIB)),
  'empty between': [0, 10, 0, 400 * KIB, 0, 0, 20, 0],
  'what a batch holds, and one more': [...Array.from({ length: 8 }, () => 64 * KIB), 1],
};

describe.each(Object.entries(SIZES))('of %s', (_, sizes) => {
  it('every byte is written once and in order, by one write at a time, though memory is used again', async () => {
    const written: Buffer[] = [];
    let underWay = 0;
    const behind = new WriteBehind(async (bytes) => {
      underWay += 1;
      expect(underWay).toBe(1);
      // A write reads its memory up to its end.
      await new Promise(setImmediate);
      written.push(Buffer.from(bytes));
      underWay -= 1;
    });
    const sent: Buffer[] = [];
    const ring: Buffer[] = [];
    for (const [at, size] of sizes.entries()) {
      // The third chunk after one is asked for: its memory is overwritten.
      if (at >= 3) ring[at - 3]?.fill(0xff);
      const chunk = Buffer.alloc(size, at % 251);
      sent.push(Buffer.from(chunk));
      ring.push(chunk);
      await behind.add(chunk);
    }
    await behind.end();
    expect(Buffer.concat(written).equals(Buffer.concat(sent))).toBe(true);
  });
});

describe('writing behind', () => {
  it('gathers small chunks to few writes', async () => {
    const lengths: number[] = [];
    const behind = new WriteBehind(async ({ length }) => void lengths.push(length));
    for (let each = 0; each < 64; each += 1) await behind.add(Buffer.alloc(16 * KIB));
    await behind.end();
    expect(lengths).toEqual([512 * KIB, 512 * KIB]);
  });

  it('reads on while it writes', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    let ended = 0;
    const behind = new WriteBehind(async () => {
      await promise;
      ended += 1;
    });
    await behind.add(Buffer.alloc(200 * KIB));
    await behind.add(Buffer.alloc(10));
    expect(ended).toBe(0);
    resolve();
    await behind.end();
    expect(ended).toBe(2);
  });

  it.each(['add', 'flush', 'end', 'settled'] as const)(
    'says with "%s" that an earlier write failed',
    async (way) => {
      const behind = new WriteBehind(async () => {
        throw new Error('the disk is full');
      });
      await behind.add(Buffer.alloc(200 * KIB));
      if (way === 'flush') await behind.add(Buffer.alloc(1)).catch(() => undefined);
      const act = { add: () => behind.add(Buffer.alloc(200 * KIB)), flush: () => behind.flush() };
      const work = way === 'add' || way === 'flush' ? act[way]() : behind[way]();
      await expect(work).rejects.toThrow('the disk is full');
    },
  );

  it('writes what it holds when it is told to', async () => {
    const lengths: number[] = [];
    const behind = new WriteBehind(async ({ length }) => void lengths.push(length));
    await behind.add(Buffer.alloc(10));
    await behind.flush();
    await behind.add(Buffer.alloc(20));
    await behind.add(Buffer.alloc(5));
    await behind.flush();
    await behind.end();
    expect(lengths).toEqual([10, 25]);
  });
});
