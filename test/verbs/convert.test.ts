import {
  chmodSync,
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { blobPath, LAYOUT } from '../../src/bundle/format/layout.ts';
import { convertBundle, type ConvertProgress, type ConvertWish } from '../../src/verbs/convert.ts';
import { inspectBundle } from '../../src/verbs/inspect.ts';
import { verifyBundle } from '../../src/verbs/verify.ts';
import { plannedFile } from '../support/planned/items.ts';
import { packTar, sampleBundle, SAMPLES } from '../support/samples/sample-bundle.ts';
import { incompressibleBytes } from '../support/samples/sample-image.ts';
import { packZipOf } from '../support/samples/sample-zip.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { problemsOf } from '../support/thrown.ts';
import { filesUnder } from '../support/tree.ts';
import { NOBODY } from '../support/surroundings.ts';

const sample = sampleBundle([...SAMPLES, plannedFile('large.bin', incompressibleBytes('large', 700_001))]);
const { root, blobs } = sample.plan;
const zip = await packZipOf(sample.files);
const largest = [...blobs].reduce((left, right) =>
  left.descriptor.size > right.descriptor.size ? left : right,
).descriptor;

function temporary(): Disposable & { readonly at: (...path: readonly string[]) => string } {
  const folder = temporaryFolder();
  writeFileSync(join(folder.path, 'lab.tar'), sample.tar);
  return { at: (...path) => join(folder.path, ...path), [Symbol.dispose]: () => folder[Symbol.dispose]() };
}

/** Every shape: how to ask for it, where it then is, and how to see that all of its bytes are right. */
const SHAPES: readonly [name: string, wish: Omit<ConvertWish, 'path'>, path: string][] = [
  ['a tar', { out: 'x.tar' }, 'x.tar'],
  ['a zip', { out: 'x.zip' }, 'x.zip'],
  ['a directory', { out: 'x' }, 'x'],
  ['volumes of a tar', { out: 'x.tar', volumeSize: 100_000 }, 'x.tar.001'],
  ['volumes of a zip', { out: 'x.zip', volumeSize: 100_000 }, 'x.zip.001'],
  ['a directory with volumes', { out: 'x', volumeSize: 100_000 }, 'x'],
  ['a zip that is not called so', { out: 'x.bundle', form: 'zip' }, 'x.bundle'],
];

describe('a bundle that is converted', () => {
  it.each(SHAPES)('to %s and back is the same, byte for byte [B-SHAPE-2]', async (_, wish, path) => {
    using folder = temporary();
    const out = folder.at(wish.out);
    const there = await convertBundle({ ...wish, path: folder.at('lab.tar'), out }, NOBODY);
    expect(there).toMatchObject({ root, path: folder.at(path), blobs: blobs.length });
    expect(await verifyBundle({ path: there.path, workers: 2 }, NOBODY)).toMatchObject({
      ok: true,
      root,
      problems: [],
    });
    const back = await convertBundle({ path: there.path, out: folder.at('back.tar') }, NOBODY);
    expect(back).toMatchObject({ root, form: 'tar', bytes: sample.tar.length });
    expect(readFileSync(folder.at('back.tar')).equals(sample.tar)).toBe(true);
    // Nothing but results is left, and what was read is as it was.
    expect(readdirSync(folder.at('')).filter((name) => name.includes('partial'))).toEqual([]);
    expect(readFileSync(folder.at('lab.tar')).equals(sample.tar)).toBe(true);
  });

  it('to a zip is the zip that a build would write', async () => {
    using folder = temporary();
    const result = await convertBundle({ path: folder.at('lab.tar'), out: folder.at('lab.zip') }, NOBODY);
    expect(readFileSync(folder.at('lab.zip')).equals(zip)).toBe(true);
    expect(result).toEqual({
      root,
      path: folder.at('lab.zip'),
      paths: [folder.at('lab.zip')],
      signature: 'none',
      signed: false,
      form: 'zip',
      bytes: zip.length,
      items: sample.plan.document.items.length,
      blobs: blobs.length,
      fetchedBytes: blobs.reduce((sum, { descriptor }) => sum + descriptor.size, 0),
      reusedBytes: 0,
      seconds: expect.any(Number),
    });
    expect(await inspectBundle({ path: folder.at('lab.zip') }, NOBODY)).toMatchObject({ root, form: 'zip' });
  });

  it('keeps its signature, whoever it is of', async () => {
    using folder = temporary();
    const signature = Buffer.from(`${'QUJD'.repeat(21)}QQ==`.padEnd(128, '\n'));
    const signed = new Map(sample.files).set(LAYOUT.signature, signature);
    writeFileSync(folder.at('lab.tar'), packTar(signed).tar);
    await convertBundle({ path: folder.at('lab.tar'), out: folder.at('lab') }, NOBODY);
    expect(readFileSync(folder.at('lab', LAYOUT.signature)).equals(signature)).toBe(true);
    await convertBundle({ path: folder.at('lab'), out: folder.at('lab.zip') }, NOBODY);
    expect(readFileSync(folder.at('lab.zip')).equals(await packZipOf(signed))).toBe(true);
  });

  it('may be on a medium that cannot be written to', async () => {
    using folder = temporary();
    mkdirSync(folder.at('stick'));
    writeFileSync(folder.at('stick', 'lab.zip'), zip);
    chmodSync(folder.at('stick', 'lab.zip'), 0o444);
    chmodSync(folder.at('stick'), 0o555);
    await convertBundle({ path: folder.at('stick', 'lab.zip'), out: folder.at('back.tar') }, NOBODY);
    expect(readFileSync(folder.at('back.tar')).equals(sample.tar)).toBe(true);
    expect(readdirSync(folder.at('stick'))).toEqual(['lab.zip']);
    chmodSync(folder.at('stick'), 0o755);
  });

  it('replaces an older one, and says how far it is', async () => {
    using folder = temporary();
    writeFileSync(folder.at('lab.zip'), 'old');
    const steps: ConvertProgress[] = [];
    await convertBundle({ path: folder.at('lab.tar'), out: folder.at('lab.zip') }, NOBODY, {
      onProgress: (step) => steps.push(step),
    });
    expect(readFileSync(folder.at('lab.zip')).equals(zip)).toBe(true);
    expect(steps.at(-1)).toMatchObject({ doneBlobs: blobs.length, totalBlobs: blobs.length });
  });

  it('continues where it was interrupted', async () => {
    using folder = temporary();
    for (const name of ['a.tar', 'a.zip', 'a']) {
      const out = folder.at(name);
      const stop = new AbortController();
      const onProgress = (progress: ConvertProgress): void => {
        if (progress.phase === 'convert' && progress.doneBlobs === 5) stop.abort();
      };
      const ears = { onProgress, signal: stop.signal };
      await expect(convertBundle({ path: folder.at('lab.tar'), out }, NOBODY, ears)).rejects.toMatchObject({
        code: 'ERR_INTERRUPTED',
      });
      expect(readdirSync(folder.at(''))).not.toContain(name);
      await convertBundle({ path: folder.at('lab.tar'), out }, NOBODY);
      expect(await verifyBundle({ path: out }, NOBODY)).toMatchObject({ ok: true, root });
    }
  });
});

describe('a damaged bundle', () => {
  const flipped = (bytes: Uint8Array, at: number): Buffer => {
    const copy = Buffer.from(bytes);
    copy.writeUInt8((copy[at] ?? 0) ^ 1, at);
    return copy;
  };

  it.each([
    ['tar', 'a.tar', { form: 'tar' }],
    ['zip', 'a.zip', { form: 'zip' }],
    ['directory', 'a', { form: 'dir' }],
    ['tar in volumes', 'a.tar', { form: 'tar', volumeSize: 100_000 }],
  ] as const)('is not made into a %s, and the blob is named', async (_, name, shape) => {
    using folder = temporary();
    const place = sample.layout.entries.find(({ path }) => path === blobPath(largest.digest))?.position ?? 0;
    writeFileSync(folder.at('lab.tar'), flipped(sample.tar, place + 100));
    const converting = convertBundle({ path: folder.at('lab.tar'), out: folder.at(name), ...shape }, NOBODY);
    expect(await problemsOf(converting)).toEqual([
      expect.stringMatching(
        new RegExp(`^ERR_DIGEST_MISMATCH Cannot verify blob "${largest.digest}": .*, read from ".*lab.tar"$`),
      ),
    ]);
    expect(readdirSync(folder.at(''))).not.toContain(name);
  });

  it('is refused before anything is written when a file is missing, too many or of a wrong size', async () => {
    using folder = temporary();
    await convertBundle({ path: folder.at('lab.tar'), out: folder.at('lab') }, NOBODY);
    rmSync(folder.at('lab', blobPath(largest.digest)));
    writeFileSync(folder.at('lab', 'extra.txt'), 'x');
    writeFileSync(folder.at('lab', LAYOUT.index), 'x');
    const before = readdirSync(folder.at(''));
    expect(
      await problemsOf(convertBundle({ path: folder.at('lab'), out: folder.at('lab.zip') }, NOBODY)),
    ).toEqual([
      expect.stringContaining('ERR_BUNDLE_INVALID Cannot accept file "extra.txt"'),
      expect.stringContaining('ERR_SIZE_MISMATCH Cannot verify "index.json"'),
      expect.stringContaining(`ERR_CONTENT_NOT_FOUND Cannot find "${blobPath(largest.digest)}"`),
    ]);
    expect(readdirSync(folder.at(''))).toEqual(before);
  });

  it.each([LAYOUT.ociLayout, LAYOUT.readme, LAYOUT.index, LAYOUT.dockerList, LAYOUT.sums, LAYOUT.signature])(
    'is refused before anything is written when its %s is not what it was',
    async (path) => {
      using folder = temporary();
      const bytes = sample.files.get(path) ?? Buffer.alloc(0);
      const changed = new Map(sample.files).set(path, flipped(bytes, bytes.length - 3));
      writeFileSync(folder.at('lab.zip'), await packZipOf(changed));
      const [problem, ...others] = await problemsOf(
        convertBundle({ path: folder.at('lab.zip'), out: folder.at('new.tar') }, NOBODY),
      );
      expect(problem).toMatch(/^ERR_(DIGEST_MISMATCH|SIGNATURE_INVALID) /);
      expect(problem).toContain(path);
      expect(others).toEqual([]);
      expect(readdirSync(folder.at('')).toSorted()).toEqual(['lab.tar', 'lab.zip']);
    },
  );

  it('that was cut is refused in every shape', async () => {
    using folder = temporary();
    for (const [name, bytes] of [
      ['cut.tar', sample.tar],
      ['cut.zip', zip],
    ] as const) {
      writeFileSync(folder.at(name), bytes.subarray(0, Math.floor(bytes.length / 2)));
      const failing = convertBundle({ path: folder.at(name), out: folder.at('new') }, NOBODY);
      expect((await problemsOf(failing))[0]).toMatch(/^ERR_ARCHIVE_INVALID .*cut short/);
    }
    await expect(
      convertBundle({ path: folder.at('none'), out: folder.at('new') }, NOBODY),
    ).rejects.toMatchObject({
      code: 'ERR_BUNDLE_NOT_FOUND',
    });
  });
});

describe('a conversion onto itself', () => {
  it.each([
    ['the same file', 'lab.tar', 'lab.tar', 'they are the same'],
    ['a link to it', 'link.tar', 'lab.tar', 'they are the same'],
    ['its own volumes', 'cut.tar.001', 'cut.tar', 'one is in the other'],
    ['a file in the directory', 'lab', 'lab/lab.tar', 'one is in the other'],
    ['the directory it is in', 'holder/lab.tar', 'holder', 'one is in the other'],
  ])('is refused: %s', async (_, from, to, fact) => {
    using folder = temporary();
    symlinkSync('lab.tar', folder.at('link.tar'));
    await convertBundle({ path: folder.at('lab.tar'), out: folder.at('lab') }, NOBODY);
    await convertBundle(
      { path: folder.at('lab.tar'), out: folder.at('cut.tar'), volumeSize: 300_000 },
      NOBODY,
    );
    mkdirSync(folder.at('holder'));
    cpSync(folder.at('lab.tar'), folder.at('holder/lab.tar'));
    const before = filesUnder(folder.at(''));
    await expect(convertBundle({ path: folder.at(from), out: folder.at(to) }, NOBODY)).rejects.toMatchObject({
      code: 'ERR_USAGE_INVALID',
      message: `Cannot convert "${folder.at(from)}" to "${folder.at(to)}": ${fact}`,
    });
    expect(filesUnder(folder.at(''))).toEqual(before);
  });
});
