import { expect, it } from 'vitest';
import { BLOBS_OF_IMAGE } from '../../../scripts/bench/growth/image.ts';
import { registryTarget } from '../../../src/targets/registry/registry.ts';
import { memoryInUse } from '../../support/memory-in-use.ts';
import { smallSample } from '../../support/planned/small-image.ts';
import { memoryRegistries } from '../../support/registry/memory-registry.ts';
import { bundleOf } from '../../support/samples/target-samples.ts';

/** Bytes of heap that a blob may take in a plan, with its share of the images: its digest as a text alone would be 90 of them. */
const BLOB_LIMIT = 190;
const [FEW, MANY] = [40, 200];

/** Returns the bytes of heap that the plan takes to push so many images. */
async function heapOf(images: number): Promise<number> {
  const samples = Array.from({ length: images }, (_, number) => smallSample(number));
  // Documents that a bundle keeps are the same, however many there are.
  const bundle = { ...(await bundleOf(samples)), fetchWhole: undefined };
  const registry = memoryRegistries({}).registryOf('registry.lab');
  const before = memoryInUse().heap;
  const target = registryTarget(bundle, { registry });
  await target.reach();
  const actions = await target.plan();
  const used = memoryInUse().heap - before;
  expect(actions.filter(({ needs }) => needs?.length === BLOBS_OF_IMAGE)).toHaveLength(images);
  return used;
}

it('a plan takes little memory for each blob that is to be pushed', async () => {
  // Code is compiled and caches are filled the first time.
  await heapOf(FEW);
  const bytes = (await heapOf(MANY)) - (await heapOf(FEW));
  expect(bytes / ((MANY - FEW) * BLOBS_OF_IMAGE)).toBeLessThan(BLOB_LIMIT);
  expect(bytes).toBeGreaterThan(0);
});
