import { createHash } from 'node:crypto';
import { afterAll, describe, expect, it } from 'vitest';
import { type Digests, openDigests } from '../../../src/disk/hash/digests.ts';
import { AlignedMemory } from '../../../src/disk/write/aligned.ts';

const MIB = 1024 * 1024;

/** Who computes them, by the number of cores. */
const IMPLEMENTATIONS: Readonly<Record<string, number>> = { 'on one core': 1, 'in a thread': 2 };

describe.each(Object.entries(IMPLEMENTATIONS))('digests %s', (_, cores) => {
  const digests: Digests = openDigests({ cores });
  afterAll(() => digests[Symbol.asyncDispose]());

  it.each([[[]], [[0]], [[1]], [[MIB, 7, 0, MIB]]])(
    'are those of all chunks, here of %j bytes',
    async (sizes) => {
      const running = digests.start();
      const hash = createHash('sha256');
      for (const [index, size] of sizes.entries()) {
        const chunk = Buffer.alloc(size, index + 1);
        hash.update(chunk);
        await running.update(chunk);
        chunk.fill(0xff);
      }
      expect(await running.finish()).toBe(`sha256:${hash.digest('hex')}`);
    },
  );

  it('do not mix, however they take turns', async () => {
    const chunks = Array.from({ length: 20 }, (_unused, index) => Buffer.alloc(10_000, index));
    const [even, odd, dropped] = [digests.start(), digests.start(), digests.start()];
    const steps = chunks.map((chunk, index) => (index % 2 === 0 ? even : odd).update(chunk));
    void dropped.update(chunks[0] ?? Buffer.alloc(0));
    dropped.drop();
    await Promise.all(steps);
    const of = (rest: number): string => {
      const hash = createHash('sha256');
      for (const [index, chunk] of chunks.entries()) if (index % 2 === rest) hash.update(chunk);
      return `sha256:${hash.digest('hex')}`;
    };
    expect(await Promise.all([odd.finish(), even.finish()])).toEqual([of(1), of(0)]);
  });

  it('take memory that threads share', async () => {
    const memory = new AlignedMemory(MIB, 1).take();
    const running = digests.start();
    const hash = createHash('sha256');
    for (const fill of [1, 2, 3]) {
      memory.fill(fill);
      hash.update(memory);
      await running.update(memory.subarray());
    }
    expect(await running.finish()).toBe(`sha256:${hash.digest('hex')}`);
  });
});

it('fail, all that are asked for, when the thread ends', async () => {
  const digests = openDigests({ cores: 2 });
  const running = digests.start();
  await running.update(Buffer.alloc(10));
  const waiting = [running.update(Buffer.alloc(50 * MIB)), running.finish()];
  const answers = Promise.all(waiting.map((each) => each.catch((error: unknown) => error)));
  await digests[Symbol.asyncDispose]();
  const ended = expect.objectContaining({ code: 'ERR_INTERNAL_BUG' });
  expect(await answers).toEqual([ended, ended]);
  await expect(digests.start().finish()).rejects.toMatchObject({ code: 'ERR_INTERNAL_BUG' });
});
