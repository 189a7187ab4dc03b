import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { BLOBS_OF_IMAGE } from '../../../scripts/bench/growth/image.ts';
import { openLibrary } from '../../../src/serve/holdings/library.ts';
import { overviewOf } from '../../../src/serve/holdings/overview.ts';
import { memoryInUse } from '../../support/memory-in-use.ts';
import { smallSample } from '../../support/planned/small-image.ts';
import { sampleBundle } from '../../support/samples/sample-bundle.ts';
import { temporaryFolder } from '../../support/temporary.ts';

/** Bytes of heap that a blob of a served bundle may take with its share of items, names, verdicts and the page. */
const BLOB_LIMIT = 520;
const [FEW, MANY] = [40, 200];

/** Returns the bytes of heap that a served bundle takes once somebody saw its page, for which all manifests are read. */
async function heapOf(path: string): Promise<number> {
  const before = memoryInUse().heap;
  await using library = await openLibrary([path]);
  const overview = await overviewOf(library);
  const used = memoryInUse().heap - before;
  expect(overview.items).toHaveLength(library.items.length);
  return used;
}

it('a served bundle takes little memory for each blob', async () => {
  using folder = temporaryFolder();
  const writeBundle = (images: number): string => {
    const path = join(folder.path, `${images}.tar`);
    writeFileSync(path, sampleBundle(Array.from({ length: images }, (_, number) => smallSample(number))).tar);
    return path;
  };
  const [few, many] = [writeBundle(FEW), writeBundle(MANY)];
  // Code is compiled and caches are filled the first time.
  await heapOf(few);
  const bytes = (await heapOf(many)) - (await heapOf(few));
  expect(bytes / ((MANY - FEW) * BLOBS_OF_IMAGE)).toBeLessThan(BLOB_LIMIT);
  expect(bytes).toBeGreaterThan(0);
});
