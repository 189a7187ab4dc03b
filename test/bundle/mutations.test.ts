import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { memoryReader } from '../../src/archive/memory.ts';
import { openTar } from '../../src/archive/tar/reader.ts';
import { checkBundle, type Problem } from '../../src/bundle/check/check.ts';
import { readBundle } from '../../src/bundle/open.ts';
import { isSaddlebagError } from '../../src/internal/error.ts';
import { sampleBundle } from '../support/samples/sample-bundle.ts';

const sample = sampleBundle();

async function checkTar(tar: Uint8Array): Promise<readonly Problem[]> {
  return await checkBundle(await readBundle(openTar(memoryReader(tar)), { path: 'lab.tar' }));
}

describe('a change to a bundle', () => {
  it('is found wherever a bit flips, and is never an error that is not ours', async () => {
    // Every region has its share: each header and padding, the small files bytewise near their ends, content sampled.
    const positions = new Set<number>();
    for (const { position, bytes } of sample.layout.frame()) {
      for (let at = 0; at < bytes.length; at += 61) positions.add(position + at);
      positions.add(position + bytes.length - 1);
    }
    for (const { position, size } of sample.layout.entries) {
      for (const at of [0, 1, Math.floor(size / 2), size - 1])
        if (at >= 0 && at < size) positions.add(position + at);
    }
    const missed: number[] = [];
    for (const position of positions) {
      const tar = Buffer.from(sample.tar);
      tar.writeUInt8(tar.readUInt8(position) ^ (1 << (position % 8)), position);
      try {
        if ((await checkTar(tar)).length === 0) missed.push(position);
      } catch (error) {
        // The head may be so broken that there is no bundle to check.
        if (!isSaddlebagError(error)) throw error;
      }
    }
    expect(positions.size).toBeGreaterThan(300);
    expect(missed).toEqual([]);
  });

  it('is found wherever bytes are overwritten, cut out, doubled or swapped', async () => {
    const blocks = sample.tar.length / 512;
    const place = fc.nat({ max: blocks - 1 });
    const mutation = fc.oneof(
      fc.record({ kind: fc.constant('zero' as const), at: place, count: fc.integer({ min: 1, max: 4 }) }),
      fc.record({ kind: fc.constant('cut' as const), at: place, count: fc.integer({ min: 1, max: 4 }) }),
      fc.record({ kind: fc.constant('copy' as const), at: place, count: place }),
    );
    await fc.assert(
      fc.asyncProperty(mutation, async ({ kind, at, count }) => {
        const tar = mutate(sample.tar, kind, { at: at * 512, count: count * 512 });
        fc.pre(!tar.equals(sample.tar));
        const problems = await checkTar(tar).catch((error: unknown) => [error]);
        expect(problems).not.toEqual([]);
        expect(problems.filter((problem) => problem instanceof Error && !isSaddlebagError(problem))).toEqual(
          [],
        );
      }),
      { numRuns: 150 },
    );
  });
});

function mutate(
  tar: Buffer,
  kind: 'zero' | 'cut' | 'copy',
  { at, count }: { readonly at: number; readonly count: number },
): Buffer {
  if (kind === 'cut') return Buffer.concat([tar.subarray(0, at), tar.subarray(at + count)]);
  const copy = Buffer.from(tar);
  if (kind === 'zero') copy.fill(0, at, Math.min(at + count, tar.length));
  // One block takes the place of another.
  else copy.set(tar.subarray(count, count + 512), at);
  return copy;
}
