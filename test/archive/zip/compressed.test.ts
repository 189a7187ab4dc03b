import { createWriteStream, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { join } from 'node:path';
import { ZipArchive } from 'archiver';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openArchive } from '../../../src/archive/open.ts';
import { openCompressedZip } from '../../../src/archive/zip/compressed.ts';
import { collectBytes } from '../../../src/internal/bytes.ts';
import { inspectBundle } from '../../../src/verbs/inspect.ts';
import { convertBundle } from '../../../src/verbs/convert.ts';
import { sampleBundle } from '../../support/samples/sample-bundle.ts';
import { NOBODY } from '../../support/surroundings.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import { failureOf } from '../../support/failure.ts';
import { namesUnder } from '../../support/tree.ts';

const { plan, tar, files } = sampleBundle();

describe('a bundle that another program has packed again, with compression', () => {
  it.each(['', 'lab/'])('is converted to what it was, with %j before every path', async (top) => {
    const { at } = scratch();
    await pack(
      at('lab.zip'),
      [...files].map(([path, bytes]) => [`${top}${path}`, bytes]),
    );
    expect(await convertBundle({ path: at('lab.zip'), out: at('lab.tar') }, NOBODY)).toMatchObject({
      root: plan.root,
    });
    expect(readFileSync(at('lab.tar')).equals(tar)).toBe(true);
  });

  it('is refused by all that read a bundle in place, with a way out', async () => {
    const { at } = scratch();
    await pack(
      at('lab.zip'),
      [...files].map(([path, bytes]) => [path, bytes]),
    );
    expect(await failureOf(() => inspectBundle({ path: at('lab.zip') }, NOBODY))).toMatchObject({
      code: 'ERR_ARCHIVE_INVALID',
      hint: expect.stringContaining('"bundle convert"'),
    });
  });

  it('is refused when its content has changed on the way', async () => {
    const { at } = scratch();
    const changed = [...plan.blobs].at(-1)?.descriptor.digest.slice('sha256:'.length) ?? '';
    await pack(
      at('lab.zip'),
      [...files].map(([path, bytes]) => [
        path,
        path.endsWith(changed) ? Buffer.alloc(bytes.length, 'x') : bytes,
      ]),
    );
    const error = await failureOf(() => convertBundle({ path: at('lab.zip'), out: at('lab.tar') }, NOBODY));
    expect(error.code).toMatch(/^ERR_(DIGEST_MISMATCH|BUNDLE_DAMAGED)$/);
    expect(namesUnder(at('.'))).not.toContain('lab.tar');
  });
});

describe('a compressed zip', () => {
  it('gives a file from any byte on', async () => {
    const { at } = scratch();
    const text = 'all that there is to be read of it, '.repeat(5000);
    await pack(at('a.zip'), [['a', text]]);
    await using zip = await openArchive(at('a.zip'), { unpack: true });
    for (const offset of [0, 1, 70_000, text.length - 1, text.length]) {
      const bytes = await collectBytes(zip.stream('a', { offset }), {
        limit: text.length,
        onExcess: tooLong,
      });
      expect(Buffer.from(bytes).toString()).toBe(text.slice(offset));
    }
    expect(
      await failureOf(() => collectBytes(zip.stream('b'), { limit: 1, onExcess: tooLong })),
    ).toMatchObject({
      code: 'ERR_CONTENT_NOT_FOUND',
    });
  });

  it('with a damaged file says which', async () => {
    const { at } = scratch();
    await pack(at('a.zip'), [['a', 'the same again, '.repeat(1000)]]);
    const bytes = readFileSync(at('a.zip'));
    writeFileSync(at('a.zip'), bytes.fill(0xff, 40, 60));
    await using zip = await openArchive(at('a.zip'), { unpack: true });
    const error = await failureOf(() => collectBytes(zip.stream('a'), { limit: 100_000, onExcess: tooLong }));
    expect(error).toMatchObject({ code: 'ERR_ARCHIVE_INVALID', message: expect.stringContaining('"a"') });
  });

  it.each([
    [
      'a path that differs in case alone',
      [
        ['a', 'x'],
        ['A', 'x'],
      ],
    ],
    [
      'a file twice',
      [
        ['a', 'x'],
        ['a', 'x'],
      ],
    ],
    ['a path of Windows', [['con', 'x']]],
  ])('with %s is refused', async (_, entries) => {
    const { at } = scratch();
    await pack(
      at('a.zip'),
      entries.map(([name = '', text = '']) => [name, text.repeat(1000)]),
    );
    const error = await failureOf(() => openCompressedZip(at('a.zip'), { name: 'a.zip' }));
    expect(error.code).toBe('ERR_ARCHIVE_INVALID');
  });

  it('is none where nothing is compressed, where it leads outside, and where it was cut short', async () => {
    const { at } = scratch();
    await pack(at('stored.zip'), [['a', 'x']], { store: true });
    await pack(at('cut.zip'), [['a', 'x'.repeat(1000)]]);
    truncateSync(at('cut.zip'), 60);
    await pack(at('evil.zip'), [['xx/evil', 'x'.repeat(1000)]]);
    writeFileSync(
      at('evil.zip'),
      readFileSync(at('evil.zip'), 'latin1').replaceAll('xx/evil', '../evil'),
      'latin1',
    );
    for (const name of ['stored.zip', 'cut.zip', 'evil.zip'])
      expect(await openCompressedZip(at(name), { name })).toBeUndefined();
  });
});

function tooLong(): Error {
  return new Error('it is too long');
}

async function pack(
  path: string,
  entries: readonly (readonly [name: string, content: string | Uint8Array])[],
  options: { readonly store?: boolean } = {},
): Promise<void> {
  const zip = new ZipArchive(options);
  const out = createWriteStream(path);
  zip.pipe(out);
  for (const [name, content] of entries) zip.append(Buffer.from(content), { name });
  await Promise.all([zip.finalize(), once(out, 'close')]);
}

function scratch(): { readonly at: (name: string) => string } {
  const folder = temporaryFolder();
  onTestFinished(() => folder[Symbol.dispose]());
  return { at: (name) => join(folder.path, name) };
}
