import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { filesOf, HELLO, IMAGE } from '../../scripts/examples/content.ts';
import { folder, inVolumes, tarOf } from '../../scripts/examples/valid.ts';
import { checkBundle } from '../../src/bundle/check/check.ts';
import { openBundle } from '../../src/bundle/open.ts';
import type { OpenBundle } from '../../src/bundle/bundle.ts';
import { collectBytes } from '../../src/internal/bytes.ts';
import { isSaddlebagError } from '../../src/internal/error.ts';
import { digestOf } from '../../src/oci/digest.ts';
import { MUTATION, mutated } from '../support/archives/mutations.ts';
import { packZipOf } from '../support/samples/sample-zip.ts';
import { temporaryFolder } from '../support/temporary.ts';

/** The same changes each time; whoever looks for new ones sets another seed. It is printed with what fails. */
const SEED = Number(process.env['FUZZ_SEED'] ?? 20_260_820);
/** Longer than any check here takes by far (milliseconds). */
const PATIENCE = 15_000;

const content = filesOf([HELLO, IMAGE]);
const root = digestOf(content.get('bundle.json') ?? '');
const tar = tarOf(content);
const zip = await packZipOf(content);
const SHAPES: readonly {
  readonly path: string;
  readonly files: ReadonlyMap<string, Uint8Array>;
  readonly runs: number;
}[] = [
  { path: 'lab.tar', files: new Map([['lab.tar', tar]]), runs: 600 },
  { path: 'lab.zip', files: new Map([['lab.zip', zip]]), runs: 600 },
  { ...folder('lab', content), runs: 250 },
  { ...inVolumes('lab.tar', tar, 3000), runs: 150 },
  { ...inVolumes('lab.zip', zip, 3000), runs: 150 },
];

/** A change to the files that a bundle consists of. Numbers are taken modulo their count. */
const FILE_CHANGE = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant('mutate' as const), file: fc.nat(), mutation: MUTATION }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constantFrom('remove' as const, 'swap' as const, 'copy' as const, 'rename' as const),
      file: fc.nat(),
      other: fc.nat(),
      name: fc.constantFrom(
        'lab.tar.001',
        'lab.tar.009',
        'lab/blobs/x',
        'lab/INDEX.json',
        'lab/a/b/c',
        'lab/index.json.001',
      ),
    }),
  },
);
type FileChange = typeof FILE_CHANGE extends fc.Arbitrary<infer T> ? T : never;

describe.each(SHAPES)('a change to the bundle $path', ({ path, files, runs }) => {
  it(
    'is detected or has no effect on content, and never leads to an error that is not ours',
    { timeout: 120_000 },
    async () => {
      const seen = { detected: 0, harmless: 0 };
      await fc.assert(
        fc.asyncProperty(fc.array(FILE_CHANGE, { minLength: 1, maxLength: 2 }), async (changes) => {
          const changed = changes.reduce(changedFiles, files);
          using scratch = temporaryFolder();
          store(scratch.path, changed);
          const isFound = await isDetected(join(scratch.path, path));
          seen[isFound ? 'detected' : 'harmless'] += 1;
        }),
        { numRuns: runs, seed: SEED },
      );
      expect(seen.detected).toBeGreaterThan(runs / 2);
    },
  );
});

/** Returns whether anything wrong is found; if not, makes sure that nothing is: all content is what it was. */
async function isDetected(path: string): Promise<boolean> {
  const signal = AbortSignal.timeout(PATIENCE);
  try {
    await using bundle = await openBundle(path, { signal });
    if ((await checkBundle(bundle, { signal })).length > 0) return true;
    expect(bundle.root).toBe(root);
    expect(await contentOf(bundle)).toEqual([...content].map(([name, bytes]) => [name, digestOf(bytes)]));
    return false;
  } catch (error) {
    if (!isSaddlebagError(error) || error.code === 'ERR_INTERRUPTED' || error.code === 'ERR_INTERNAL_BUG')
      throw error;
    return true;
  }
}

async function contentOf(bundle: OpenBundle): Promise<readonly (readonly [string, string])[]> {
  const found: [string, string][] = [];
  for (const name of content.keys()) {
    const bytes = await collectBytes(bundle.stream(name), {
      limit: 1e6,
      onExcess: () => new Error('too long'),
    });
    found.push([name, digestOf(bytes)]);
  }
  return found;
}

function changedFiles(
  files: ReadonlyMap<string, Uint8Array>,
  change: FileChange,
): ReadonlyMap<string, Uint8Array> {
  const names = [...files.keys()];
  const nameOf = (index: number): string => names[index % names.length] ?? '';
  const bytesOf = (index: number): Uint8Array => files.get(nameOf(index)) ?? new Uint8Array();
  const copy = new Map(files);
  if (names.length === 0) return copy;
  if (change.kind === 'mutate')
    return copy.set(nameOf(change.file), mutated(bytesOf(change.file), change.mutation));
  const { file, other, name } = change;
  if (change.kind === 'swap') return copy.set(nameOf(file), bytesOf(other)).set(nameOf(other), bytesOf(file));
  if (change.kind !== 'copy') copy.delete(nameOf(file));
  return change.kind === 'remove' ? copy : copy.set(name, bytesOf(file));
}

/** What cannot be stored, because a file is in the way of a folder, is left out. */
function store(base: string, files: ReadonlyMap<string, Uint8Array>): void {
  for (const [name, bytes] of files) {
    mkdirSync(dirname(join(base, name)), { recursive: true });
    writeFileSync(join(base, name), bytes);
  }
}
