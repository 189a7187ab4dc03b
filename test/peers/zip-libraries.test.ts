import { once } from 'node:events';
import { createWriteStream, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ZipArchive } from 'archiver';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openPromise } from 'yauzl';
import { collectBytes } from '../../src/internal/bytes.ts';
import { digestOf } from '../../src/oci/digest.ts';
import { convertBundle } from '../../src/verbs/convert.ts';
import { verifyBundle } from '../../src/verbs/verify.ts';
import { sampleBundle } from '../support/samples/sample-bundle.ts';
import { NOBODY } from '../support/surroundings.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { filesUnder } from '../support/tree.ts';

const { plan, tar } = sampleBundle();
const folder = temporaryFolder();
const at = (name: string): string => join(folder.path, name);

beforeAll(async () => {
  writeFileSync(at('lab.tar'), tar);
  await convertBundle({ path: at('lab.tar'), out: at('lab.zip') }, NOBODY);
  await convertBundle({ path: at('lab.tar'), out: at('lab') }, NOBODY);
});
afterAll(() => folder[Symbol.dispose]());

describe('the zip libraries of the Node world', () => {
  it('yauzl finds every file of a zip of ours, with its bytes', async () => {
    const zip = await openPromise(at('lab.zip'), { strictFileNames: true, validateEntrySizes: true });
    const found = new Map<string, string>();
    for await (const entry of zip.eachEntry()) {
      const stream = await zip.openReadStreamPromise(entry);
      const bytes = await collectBytes(stream, { limit: tar.length, onExcess: () => new Error('too long') });
      found.set(entry.fileName, digestOf(bytes));
    }
    const expected = Object.entries(filesUnder(at('lab'))).map(([path, text]) => [
      path,
      digestOf(Buffer.from(text, 'latin1')),
    ]);
    expect(Object.fromEntries(found)).toEqual(Object.fromEntries(expected));
  });

  it.each([false, true])('a zip that archiver packed opens (ZIP64: %s)', async (forceZip64) => {
    const name = `archiver-${forceZip64}.zip`;
    const archive = new ZipArchive({ store: true, forceZip64 });
    const out = createWriteStream(at(name));
    archive.pipe(out);
    archive.directory(at('lab'), false);
    await Promise.all([archive.finalize(), once(out, 'close')]);
    expect(await verifyBundle({ path: at(name) }, NOBODY)).toMatchObject({ ok: true, root: plan.root });
  });
});
