import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { BLOBS_OF_IMAGE } from '../../../scripts/bench/growth/image.ts';
import { checkWithBases } from '../../../src/bundle/check/check.ts';
import { openBundle } from '../../../src/bundle/open.ts';
import { memoryInUse } from '../../support/memory-in-use.ts';
import { smallSample } from '../../support/planned/small-image.ts';
import { sampleBundle } from '../../support/samples/sample-bundle.ts';

/** Bytes of heap that a blob of an open bundle may take with its share of the items: its digest as a text alone would be 90 of them. */
const BLOB_LIMIT = 400;
const [FEW, MANY] = [40, 200];

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'saddlebag-memory-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

async function writeBundle(images: number): Promise<string> {
  const path = join(folder, `${images}.tar`);
  await writeFile(path, sampleBundle(Array.from({ length: images }, (_, number) => smallSample(number))).tar);
  return path;
}

/** Returns the bytes of heap that an open bundle takes which was checked, with what the check found out. */
async function heapOf(path: string): Promise<number> {
  const before = memoryInUse().heap;
  await using bundle = await openBundle(path);
  const checked = await checkWithBases(bundle);
  const used = memoryInUse().heap - before;
  expect(checked.problems).toEqual([]);
  expect(bundle.document.items.length).toBeGreaterThan(0);
  return used;
}

it('an open bundle takes little memory for each blob, also once it was checked', async () => {
  const [few, many] = [await writeBundle(FEW), await writeBundle(MANY)];
  // Code is compiled and caches are filled the first time.
  await heapOf(few);
  const bytes = (await heapOf(many)) - (await heapOf(few));
  expect(bytes / ((MANY - FEW) * BLOBS_OF_IMAGE)).toBeLessThan(BLOB_LIMIT);
  expect(bytes).toBeGreaterThan(0);
});
