import { describe, expect, it } from 'vitest';
import { AlignedMemory, isAligned, PAGE } from '../../../src/disk/write/aligned.ts';
import { BATCH, Batches } from '../../../src/disk/write/batches.ts';

const KIB = 1024;

/** The sizes of chunks, by what makes them so. */
const SIZES: Readonly<Record<string, readonly number[]>> = {
  nothing: [],
  'one byte': [1],
  'empty between': [0, 10, 0, 400 * KIB, 0, 20],
  'records of TLS': Array.from({ length: 100 }, () => 16 * KIB),
  'chunks of a connection, the first of them odd': [
    31_577,
    ...Array.from({ length: 9 }, () => 256 * KIB),
    77,
  ],
  'more at once than batches hold': [3 * BATCH + 5],
  'what a batch holds, and one more': [BATCH, 1],
};

describe.each([0, 512, PAGE, PAGE * 3 + 1536, 77])('at byte %i of a file', (position) => {
  it.each(Object.entries(SIZES))(
    '%s arrives once and in order, though its memory is used again',
    async (_, sizes) => {
      const memory = new AlignedMemory(BATCH, 2);
      const written: Buffer[] = [];
      let [underWay, next] = [0, position];
      const sent: Buffer[] = [];
      {
        await using batches = new Batches(memory, async (bytes, at) => {
          underWay += 1;
          expect(underWay).toBe(1);
          expect(at).toBe(next);
          expect(isAligned(bytes, at)).toBe(true);
          next += bytes.length;
          await new Promise(setImmediate);
          written.push(Buffer.from(bytes));
          underWay -= 1;
        });
        let at = position;
        for (const [index, size] of sizes.entries()) {
          const chunk = Buffer.alloc(size, index + 1);
          sent.push(Buffer.from(chunk));
          await batches.add(chunk, at);
          chunk.fill(0xff);
          at += size;
          // As a slow network does.
          if (index % 5 === 3) await batches.flush();
        }
        await batches.end();
      }
      expect(Buffer.concat(written).equals(Buffer.concat(sent))).toBe(true);
      const again = [memory.take(), memory.take()];
      expect(again.every((run) => isAligned(run, 0))).toBe(true);
      expect(isAligned(memory.take(), 0)).toBe(false);
    },
  );
});

it('throws what the use of a batch threw, and gives its memory back', async () => {
  const memory = new AlignedMemory(BATCH, 2);
  const broken = new Error('no space');
  const fill = async (): Promise<void> => {
    await using batches = new Batches(memory, async () => {
      throw broken;
    });
    for (let at = 0; at < 5 * BATCH; at += 100_000) await batches.add(Buffer.alloc(100_000), at);
    await batches.end();
  };
  await expect(fill()).rejects.toBe(broken);
  expect([memory.take(), memory.take()].every((run) => isAligned(run, 0))).toBe(true);
});

it('uses nothing more once it is given up', async () => {
  const memory = new AlignedMemory(BATCH, 2);
  const used: number[] = [];
  {
    await using batches = new Batches(memory, async ({ length }) => void used.push(length));
    await batches.add(Buffer.alloc(10), 0);
  }
  expect(used).toEqual([]);
  expect([memory.take(), memory.take()].every((run) => isAligned(run, 0))).toBe(true);
});
