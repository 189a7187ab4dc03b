import { describe, expect, it } from 'vitest';
import { AlignedMemory, isAligned, PAGE } from '../../../src/disk/write/aligned.ts';
import { BATCH, BATCHES, Batches } from '../../../src/disk/write/batches.ts';

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

describe('content that is received where it belongs', () => {
  /** What was lent and left in the middle comes back at the end alone. */
  const RUNS = 2 * BATCHES;
  /** How much of an answer is handed on at once, and of how much of its beginning the reader has no use; answers follow each other. */
  const WAYS: Readonly<
    Record<string, readonly { readonly pieces: readonly number[]; readonly skip?: number }[]>
  > = {
    'in large pieces': [{ pieces: Array.from({ length: 9 }, () => 300 * KIB) }],
    'in odd pieces': [{ pieces: Array.from({ length: 40 }, (_, index) => 100_003 + index) }],
    'batch by batch': [{ pieces: Array.from({ length: 5 }, () => Infinity) }],
    'in several answers': Array.from({ length: 4 }, () => ({ pieces: [70_001, 500_000, 400_000, 3] })),
    'with what the reader has already before it': [
      { pieces: [1_000_001] },
      { pieces: [400_000, 601_000, 800_000, 900_000, 1_500_000], skip: 1_000_001 },
      { pieces: [5, 2_000_000, 2_000_000, 2_000_000], skip: 2_500_000 },
    ],
  };

  it.each(
    Object.entries(WAYS).flatMap(([name, answers]) =>
      [0, 512, PAGE * 3 + 1536].flatMap((position) =>
        [1, 2, 3].map((ahead) => ({ name, answers, position, ahead })),
      ),
    ),
  )(
    '$name, at byte $position, up to $ahead pieces ahead of the reader',
    async ({ answers, position, ahead }) => {
      const memory = new AlignedMemory(BATCH, RUNS);
      const used: Buffer[] = [];
      const sent: Buffer[] = [];
      let [at, value, inPlace] = [position, 0, 0];
      {
        await using batches = new Batches(memory, async (bytes, to) => {
          expect(to).toBe(position + used.reduce((sum, { length }) => sum + length, 0));
          expect(isAligned(bytes, to)).toBe(true);
          const before = Buffer.from(bytes);
          await new Promise(setImmediate);
          expect(before.equals(bytes)).toBe(true);
          used.push(before);
        });
        const landing = batches.landing(() => at);
        for (const { pieces, skip = 0 } of answers) {
          let area = landing.enter();
          expect(landing.enter()).toBeUndefined();
          const queue: { readonly chunk: Uint8Array; readonly copy: Buffer }[] = [];
          let toSkip = skip;
          let hasLeft = false;
          const read = async (): Promise<void> => {
            const { chunk, copy } = queue.shift() ?? {};
            if (chunk === undefined || copy === undefined) return;
            const known = Math.min(toSkip, chunk.length);
            const fresh = chunk.subarray(known);
            toSkip -= known;
            if (fresh.length === 0) return;
            sent.push(copy.subarray(known));
            if (isAligned(fresh, at)) inPlace += fresh.length;
            await batches.add(fresh, at);
            at += fresh.length;
          };
          for (const [index, size] of pieces.entries()) {
            for (let left = size; left > 0;) {
              if (!hasLeft) area ??= landing.next();
              if (area === undefined && !hasLeft) {
                hasLeft = true;
                landing.leave();
              }
              const room = area ?? new Uint8Array(10_000);
              const count = Math.min(left, room.length);
              const piece = room.subarray(0, count);
              value += 1;
              piece.set(Buffer.alloc(count, Buffer.from([value, value >> 8, 1, 2, 3])));
              if (area !== undefined) area = count === area.length ? undefined : area.subarray(count);
              queue.push({ chunk: piece, copy: Buffer.from(piece) });
              left = left === Infinity ? 0 : left - count;
              if (queue.length > ahead) await read();
            }
            // As a slow network does.
            if (index % 3 === 1) await batches.flush();
          }
          while (queue.length > 0) await read();
          if (!hasLeft) landing.leave();
        }
        await batches.end();
      }
      expect(Buffer.concat(used).equals(Buffer.concat(sent))).toBe(true);
      expect(inPlace).toBeGreaterThan(0);
      const again = Array.from({ length: RUNS }, () => memory.take());
      expect(again.every((run) => isAligned(run, 0))).toBe(true);
      expect(new Set(again.map(({ byteOffset }) => byteOffset)).size).toBe(RUNS);
    },
  );

  it('is left to one at a time', async () => {
    await using batches = new Batches(new AlignedMemory(BATCH, BATCHES), async () => undefined);
    const landing = batches.landing(() => 0);
    expect(landing.enter()).toHaveLength(BATCH);
    expect(landing.enter()).toBeUndefined();
    landing.leave();
    expect(landing.enter()).toHaveLength(BATCH);
  });
});
