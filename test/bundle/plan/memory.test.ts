import { expect, it } from 'vitest';
import { BLOBS_OF_IMAGE } from '../../../scripts/bench/growth/image.ts';
import { planBundle } from '../../../src/bundle/plan/plan.ts';
import { memoryInUse } from '../../support/memory-in-use.ts';
import { smallSample } from '../../support/planned/small-image.ts';

/**
 * Bytes that a plan may take for each blob, besides the items and the documents that it is made of: as objects, a blob would take 180
 * of them, and its lines in the lists of the head 250 more.
 */
const BLOB_LIMIT = 150;
const [FEW, MANY] = [40, 300];

function memoryOfPlan(images: number): number {
  const items = Array.from({ length: images }, (_, number) => smallSample(number).planned);
  const before = memoryInUse();
  const plan = planBundle('lab', items);
  const after = memoryInUse();
  expect(plan.blobs.length).toBe(images * BLOBS_OF_IMAGE);
  expect(items.length).toBe(images);
  return after.heap - before.heap + after.buffers - before.buffers;
}

it('a plan takes little memory for each blob', () => {
  // Code is compiled and caches are filled the first time.
  memoryOfPlan(FEW);
  const bytes = memoryOfPlan(MANY) - memoryOfPlan(FEW);
  expect(bytes / ((MANY - FEW) * BLOBS_OF_IMAGE)).toBeLessThan(BLOB_LIMIT);
  expect(bytes).toBeGreaterThan(0);
});
