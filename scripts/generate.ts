/**
 * Writes what is generated from the program: the JSON Schemas and the reference of the commands.
 * `test/generated.test.ts` fails when one of them is older than its source.
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
