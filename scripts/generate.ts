/**
 * Writes the generated documents: the JSON Schemas and the command reference. `test/generated.test.ts` fails when one of them
 * is out of date.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { generated } from './generate/documents.ts';

const ROOT = join(import.meta.dirname, '..');

for (const { path, text } of await generated()) {
  await mkdir(dirname(join(ROOT, path)), { recursive: true });
  await writeFile(join(ROOT, path), text);
  console.log(path);
}
