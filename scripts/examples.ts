/**
 * Writes `bundle-spec/examples/`: bundles that every reader must accept, and bundles that every reader must refuse.
 * `test/bundle-spec/examples.test.ts` fails when a file differs from what this writes.
 */
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { exampleFiles } from './examples/all.ts';

const FOLDER = join(import.meta.dirname, '..', 'bundle-spec', 'examples');

const files = await exampleFiles();
await rm(FOLDER, { recursive: true, force: true });
for (const [path, bytes] of files) {
  await mkdir(dirname(join(FOLDER, path)), { recursive: true });
  await writeFile(join(FOLDER, path), bytes);
}
console.log(`${files.size} files in ${FOLDER}`);
