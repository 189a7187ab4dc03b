import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { filesOf, HELLO, IMAGE } from '../../scripts/examples/content.ts';
import { inVolumes, tarOf } from '../../scripts/examples/valid.ts';
import { checkBundle } from '../../src/bundle/check/check.ts';
import { openBundle } from '../../src/bundle/open.ts';
import { collectBytes } from '../../src/internal/bytes.ts';
import { isSaddlebagError } from '../../src/internal/error.ts';
import { digestOf } from '../../src/oci/digest.ts';
import { FOLDER_MUTATION, mutateFolder } from '../support/archives/folder-mutations.ts';
import { MUTATION, mutated } from '../support/archives/mutations.ts';
import { rawZip, type RawZipEntry } from '../support/archives/raw-zip.ts';
import { mutatedTar, TAR_MUTATION } from '../support/archives/tar-mutations.ts';
import { mutatedEntries, ZIP_MUTATION } from '../support/archives/zip-mutations.ts';
import { unpacked, UNPACKERS } from '../support/peers/unpack.ts';
import { packZipOf } from '../support/samples/sample-zip.ts';
import { temporaryFolder } from '../support/temporary.ts';

/** The same changes each time; whoever looks for new ones sets another seed, and more of them. */
const SEED = Number(process.env['FUZZ_SEED'] ?? 20_260_820);
/** How many times as many as in a usual run, which takes a minute; 10 000 mutations are 6 times as many. */
const TIMES = Number(process.env['FUZZ_TIMES'] ?? 1);

const files = filesOf([HELLO, IMAGE]);
const tar = tarOf(files);
const zip = await packZipOf(files);
const entries: readonly RawZipEntry[] = [...files].map(([path, bytes]) => ({ path, bytes }));

type Archive = readonly [form: 'tar' | 'zip', bytes: Uint8Array];

const few = { minLength: 1, maxLength: 3 };
const ARCHIVES: readonly (readonly [what: string, runs: number, archive: fc.Arbitrary<Archive>])[] = [
  [
    'bytes of a tar',
    300,
    fc.array(MUTATION, few).map((changes) => ['tar', changes.reduce<Uint8Array>(mutated, tar)]),
  ],
  [
    'headers of a tar',
    600,
    fc.array(TAR_MUTATION, few).map((changes) => ['tar', changes.reduce<Uint8Array>(mutatedTar, tar)]),
  ],
  [
    'bytes of a zip',
    300,
    fc.array(MUTATION, few).map((changes) => ['zip', changes.reduce<Uint8Array>(mutated, zip)]),
  ],
  [
    'records of a zip',
    600,
    fc
      .array(ZIP_MUTATION, few)
      .map((changes) => ['zip', rawZip(changes.reduce(mutatedEntries, [...entries]))]),
  ],
];

/** Returns what is in a bundle that is accepted, by its path; nothing for one that is refused. */
async function contentOf(path: string): Promise<ReadonlyMap<string, string> | undefined> {
  try {
    await using bundle = await openBundle(path);
    if ((await checkBundle(bundle)).length > 0) return undefined;
    const content = new Map<string, string>();
    for await (const { path: name } of bundle.entries()) {
      const limits = { limit: 1e6, onExcess: () => new Error('too long') };
      content.set(name, digestOf(await collectBytes(bundle.stream(name), limits)));
    }
    return content;
  } catch (error) {
    if (!isSaddlebagError(error) || error.code === 'ERR_INTERNAL_BUG') throw error;
    return undefined;
  }
}

function store(base: string, all: ReadonlyMap<string, Uint8Array>): void {
  for (const [name, bytes] of all) {
    mkdirSync(dirname(join(base, name)), { recursive: true });
    writeFileSync(join(base, name), bytes);
  }
}

/** Gives a file of a folder that is one volume the name of the whole, as a reader does [B-DIR-2]. */
function joined(files: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  return new Map([...files].map(([name, digest]) => [name.replace(/\.001$/, ''), digest]));
}

describe('a bundle that is accepted after changes to a folder', () => {
  it('is the same files wherever it is copied', { timeout: 300_000 * TIMES }, async () => {
    let accepted = 0;
    const changes = fc.array(FOLDER_MUTATION, few);
    await fc.assert(
      fc.asyncProperty(changes, async (all) => {
        using scratch = temporaryFolder();
        const folder = join(scratch.path, 'lab');
        store(folder, files);
        for (const change of all) mutateFolder(folder, [...files.keys()], change);
        const content = await contentOf(folder);
        if (content === undefined) return;
        accepted += 1;
        for (const unpacker of UNPACKERS.dir) {
          const place = join(scratch.path, unpacker.name);
          mkdirSync(place);
          expect(joined((await unpacked(unpacker, folder, place)) ?? content)).toEqual(content);
        }
      }),
      { numRuns: 200 * TIMES, seed: SEED },
    );
    expect(accepted).toBeGreaterThan(0);
  });
});

describe.each(ARCHIVES)('a bundle that is accepted after changes to the %s', (_, runs, archives) => {
  it('unpacks to the same files with other programs', { timeout: 300_000 * TIMES }, async () => {
    let accepted = 0;
    await fc.assert(
      fc.asyncProperty(archives, async ([form, bytes]) => {
        using scratch = temporaryFolder();
        const archive = join(scratch.path, 'lab');
        writeFileSync(archive, bytes);
        const content = await contentOf(archive);
        if (content === undefined) return;
        accepted += 1;
        for (const unpacker of UNPACKERS[form]) {
          const place = join(scratch.path, unpacker.name);
          mkdirSync(place);
          expect((await unpacked(unpacker, archive, place)) ?? content).toEqual(content);
        }
        store(scratch.path, inVolumes('cut', bytes, 3000).files);
        expect(await contentOf(join(scratch.path, 'cut.001'))).toEqual(content);
      }),
      { numRuns: runs * TIMES, seed: SEED },
    );
    expect(accepted).toBeGreaterThan(0);
  });
});
