import { describe, expect, it } from 'vitest';
import { memoryArchive } from '../../../src/archive/memory.ts';
import { bundleBase } from '../../../src/bundle/check/base.ts';
import { checkBundle, checkWithBases } from '../../../src/bundle/check/check.ts';
import { decodeBundleDocument } from '../../../src/bundle/format/decode.ts';
import { deltaOf } from '../../../src/bundle/plan/delta.ts';
import { allBlobs } from '../../../src/bundle/format/document.ts';
import { encodeDocument } from '../../../src/bundle/format/encode-document.ts';
import { blobPath } from '../../../src/bundle/format/layout.ts';
import { readBundle } from '../../../src/bundle/open.ts';
import type { OpenBundle } from '../../../src/bundle/bundle.ts';
import { isDocument } from '../../../src/bundle/format/order-blobs.ts';
import { collectBytes } from '../../../src/internal/bytes.ts';
import { ProblemsError } from '../../../src/internal/problems.ts';
import { type Digest, digestOf } from '../../../src/oci/digest.ts';
import { MEDIA_TYPE } from '../../../src/oci/media-type.ts';
import { NEWER, OLDER, sampleDelta } from '../../support/samples/delta-samples.ts';
import { failureOf } from '../../support/failure.ts';
import { type SampleBundle, sampleBundle } from '../../support/samples/sample-bundle.ts';
import { thrownBy } from '../../support/thrown.ts';

const older = sampleBundle(OLDER);
const newer = sampleBundle(NEWER);
const delta = sampleDelta(older, NEWER);

async function open({ files }: SampleBundle, path = 'delta.tar'): Promise<OpenBundle> {
  return await readBundle(memoryArchive(files), { path });
}

describe('the plan of a delta', () => {
  it('carries what the other side has not, and all manifests and configs, and requires exactly the rest', () => {
    const has = new Set(older.plan.document.blobs.map(({ digest }) => digest));
    const isCarried = (blob: (typeof newer.plan.blobs)[number]): boolean =>
      isDocument(blob) || !has.has(blob.descriptor.digest);
    expect(delta.plan.blobs).toEqual(newer.plan.blobs.filter(isCarried));
    const required = delta.plan.document.requires;
    expect(required).toMatchObject({ root: older.plan.root, name: 'lab' });
    const rest = newer.plan.blobs.filter((blob) => !isCarried(blob)).map((blob) => blob.descriptor.digest);
    expect(required?.blobs.map(({ digest }) => digest)).toEqual(rest.sort());
    expect(rest.length).toBe(2);
    expect(new Set(allBlobs(delta.plan.document))).toEqual(new Set(newer.plan.document.blobs));
  });

  it('names every item in index.json, and in manifest.json no image that is not whole', () => {
    const text = (path: string): string => Buffer.from(delta.files.get(path) ?? []).toString();
    expect(text('index.json')).toBe(Buffer.from(newer.files.get('index.json') ?? []).toString());
    expect(JSON.parse(text('manifest.json'))).toEqual([]);
    const required = delta.plan.document.requires?.blobs.map(({ digest }) => digest.slice(7)) ?? [];
    expect(required.filter((hex) => text('SHA256SUMS').includes(hex))).toEqual([]);
  });

  it('is the plan itself where nothing can be left out', () => {
    const stranger = { root: digestOf('other'), name: 'other', has: () => false };
    expect(deltaOf(newer.plan, stranger)).toBe(newer.plan);
  });

  it('is the same for the same other side, byte for byte, whoever says what it has', () => {
    const digests = new Set(older.plan.document.blobs.map(({ digest }) => digest));
    const has = (digest: Digest): boolean => digests.has(digest);
    const again = deltaOf(newer.plan, { root: older.plan.root, name: 'lab', has });
    expect(again.root).toBe(delta.plan.root);
    expect(again.files).toEqual(delta.plan.files);
  });

  it('has requirements that survive encoding and decoding', () => {
    const { document } = delta.plan;
    expect(decodeBundleDocument(encodeDocument(document))).toEqual(document);
  });
});

describe('a delta', () => {
  it('is complete in itself: what it requires is no problem', async () => {
    await using bundle = await open(delta);
    expect(await checkBundle(bundle)).toEqual([]);
    const required = delta.plan.document.requires?.blobs[0];
    expect(bundle.sizeOf(required?.digest ?? digestOf(''))).toBe(required?.size);
  });

  it('says where to look for a blob that it only requires', async () => {
    await using bundle = await open(delta);
    const { digest, size } = delta.plan.document.requires?.blobs[0] ?? { digest: digestOf(''), size: 0 };
    const read = collectBytes(bundle.fetch({ mediaType: MEDIA_TYPE.octetStream, digest, size }), {
      limit: size,
      onExcess: () => new Error('too much'),
    });
    expect(await thrownBy(read)).toMatchObject({
      code: 'ERR_BASE_MISSING',
      message: `Cannot find blob "${digest}": "delta.tar" is a delta that requires it from bundle "lab"`,
    });
  });

  it('is whole together with its base', async () => {
    await using bundle = await open(delta);
    await using base = await open(older, 'older.tar');
    const { problems, supply } = await checkWithBases(bundle, { bases: [bundleBase(base)] });
    expect(problems).toEqual([]);
    expect(supply.absent).toEqual([]);
    expect(supply.sources.size).toBe(2);
  });

  it('does not take a damaged blob of its base, and says in which it is', async () => {
    const { digest } = delta.plan.document.requires?.blobs[0] ?? { digest: digestOf('') };
    const files = new Map(older.files);
    const bytes = Buffer.from(files.get(blobPath(digest)) ?? []);
    files.set(blobPath(digest), bytes.fill(0, 5, 9));
    await using bundle = await open(delta);
    await using bad = await open({ ...older, files }, 'bad.tar');
    await using good = await open(older, 'good.tar');
    const once = await checkWithBases(bundle, { bases: [bundleBase(bad)] });
    expect(once.supply.absent).toMatchObject([{ digest }]);
    expect(once.supply.damagedIn.get(digest)?.map(({ name }) => name)).toEqual(['bad.tar']);
    const twice = await checkWithBases(bundle, { bases: [bundleBase(bad), bundleBase(good)] });
    expect(twice.supply.absent).toEqual([]);
    expect(twice.supply.sources.get(digest)?.name).toBe('good.tar');
  });

  it('is refused when its list for docker names an image that is not whole', async () => {
    const files = new Map(delta.files).set(
      'manifest.json',
      newer.files.get('manifest.json') ?? Buffer.alloc(0),
    );
    await using bundle = await open({ ...delta, files });
    const paths = (await checkBundle(bundle)).map(({ path }) => path);
    expect(paths).toContain('manifest.json');
  });
});

describe('a document that lies about what it requires', () => {
  const { document } = delta.plan;
  const requires = document.requires ?? { root: digestOf(''), name: '', blobs: [] };
  const held = document.blobs.slice(0, 1);

  it.each([
    ['a blob that it holds', { ...document, requires: { ...requires, blobs: held } }, 'appears twice'],
    [
      'a blob twice',
      { ...document, requires: { ...requires, blobs: [...requires.blobs, ...requires.blobs] } },
      'twice',
    ],
    ['no blob at all', { ...document, requires: { ...requires, blobs: [] } }, '"requires.blobs"'],
    [
      'something, and is a patch',
      { ...document, items: [], patchOf: digestOf('x') },
      'a patch holds no items',
    ],
    [
      'nothing, is a patch, and has items',
      { ...newer.plan.document, patchOf: digestOf('x') },
      'a patch holds no',
    ],
  ])('is refused: %s', async (_, lying, fact) => {
    const failure = await failureOf(() => decodeBundleDocument(encodeDocument(lying)));
    expect(failure.code).toBe('ERR_BUNDLE_INVALID');
    const parts = failure instanceof ProblemsError ? failure.problems : [failure];
    expect(parts.map(({ message }) => message).join()).toContain(fact);
  });

  it('is refused when no item needs what it requires', async () => {
    const blobs = [...requires.blobs, { digest: digestOf('stray'), size: 5 }].sort((a, b) =>
      a.digest < b.digest ? -1 : 1,
    );
    const lying = { ...document, requires: { ...requires, blobs } };
    const files = new Map(delta.files).set('bundle.json', encodeDocument(lying));
    await using bundle = await open({ ...delta, files });
    const messages = (await checkBundle(bundle)).map(({ message }) => message);
    expect(messages).toContain(`Cannot accept blob "${digestOf('stray')}": no item of bundle.json needs it`);
  });
});
