import { describe, expect, it } from 'vitest';
import { memoryArchive } from '../../../src/archive/memory.ts';
import { baseMissing } from '../../../src/bundle/check/absent-blob.ts';
import { bundleBase } from '../../../src/bundle/check/base.ts';
import { checkBundle, checkWithBases } from '../../../src/bundle/check/check.ts';
import { decodeBundleDocument } from '../../../src/bundle/format/decode.ts';
import { deltaOf } from '../../../src/bundle/plan/delta.ts';
import { allBlobs, requiredBlobs } from '../../../src/bundle/format/document.ts';
import { encodeDocument } from '../../../src/bundle/format/encode-document.ts';
import { blobPath } from '../../../src/bundle/format/layout.ts';
import { readBundle } from '../../../src/bundle/open.ts';
import type { OpenBundle } from '../../../src/bundle/bundle.ts';
import type { PlannedBlob } from '../../../src/bundle/format/item.ts';
import { isDocument } from '../../../src/bundle/format/blobs/order.ts';
import { collectBytes } from '../../../src/internal/bytes.ts';
import { ProblemsError } from '../../../src/internal/problems.ts';
import { type Digest, digestOf } from '../../../src/oci/digest.ts';
import { MEDIA_TYPE } from '../../../src/oci/media-type.ts';
import { counterpartOf, NEWER, OLDER, sampleDelta } from '../../support/samples/delta-samples.ts';
import { failureOf } from '../../support/failure.ts';
import { packPlan, type SampleBundle, sampleBundle } from '../../support/samples/sample-bundle.ts';
import { fileSample } from '../../support/samples/target-samples.ts';
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
    const isCarried = (blob: PlannedBlob): boolean => isDocument(blob) || !has.has(blob.descriptor.digest);
    expect([...delta.plan.blobs]).toEqual(newer.plan.blobs.filter(isCarried));
    const required = requiredBlobs(delta.plan.document);
    expect(delta.plan.document.requires).toMatchObject([{ root: older.plan.root, name: 'lab' }]);
    const rest = newer.plan.blobs.filter((blob) => !isCarried(blob)).map((blob) => blob.descriptor.digest);
    expect(required.map(({ digest }) => digest)).toEqual(rest.sort());
    expect(rest.length).toBe(2);
    expect(new Set(allBlobs(delta.plan.document))).toEqual(new Set(newer.plan.document.blobs));
  });

  it('names every item in index.json, and in manifest.json no image that is not whole', () => {
    const text = (path: string): string => Buffer.from(delta.files.get(path) ?? []).toString();
    expect(text('index.json')).toBe(Buffer.from(newer.files.get('index.json') ?? []).toString());
    expect(JSON.parse(text('manifest.json'))).toEqual([]);
    const required = requiredBlobs(delta.plan.document).map(({ digest }) => digest.slice(7));
    expect(required.filter((hex) => text('SHA256SUMS').includes(hex))).toEqual([]);
  });

  it('is the plan itself where nothing can be left out', () => {
    const stranger = { root: digestOf('other'), name: 'other', has: () => false };
    expect(deltaOf(newer.plan, [stranger])).toBe(newer.plan);
  });

  it('is the same for the same other side, byte for byte, whoever says what it has', () => {
    const digests = new Set(older.plan.document.blobs.map(({ digest }) => digest));
    const has = (digest: Digest): boolean => digests.has(digest);
    const again = deltaOf(newer.plan, [{ root: older.plan.root, name: 'lab', has }]);
    expect(again.root).toBe(delta.plan.root);
    expect(again.files).toEqual(delta.plan.files);
  });

  it('has requirements that survive encoding and decoding', () => {
    const { document } = delta.plan;
    expect(decodeBundleDocument(encodeDocument(document))).toEqual(document);
  });
});

describe('a delta on several bases', () => {
  const base = sampleBundle(OLDER);
  const first = deltaOf(sampleBundle(NEWER).plan, [counterpartOf(base.plan)]);
  const NEWEST = [...NEWER, fileSample('newest')];
  const bases = [counterpartOf(first), counterpartOf(base.plan)];
  const second = deltaOf(sampleBundle(NEWEST).plan, bases);

  it('lists them in the order in which they are installed, however they were given [B-DELTA-1]', () => {
    expect(second.document.requires?.map(({ root }) => root)).toEqual([base.plan.root, first.root]);
    expect(deltaOf(sampleBundle(NEWEST).plan, bases.toReversed()).root).toBe(second.root);
    expect(deltaOf(sampleBundle(NEWEST).plan, [...bases, ...bases]).root).toBe(second.root);
  });

  it('counts on the first that has a blob, and on each blob once', () => {
    const [old, fresh] = second.document.requires ?? [];
    expect(old?.blobs.every(({ digest }) => counterpartOf(base.plan).has(digest))).toBe(true);
    expect(fresh?.blobs.length).toBeGreaterThan(0);
    expect(fresh?.blobs.filter(({ digest }) => counterpartOf(base.plan).has(digest))).toEqual([]);
    expect(decodeBundleDocument(encodeDocument(second.document))).toEqual(second.document);
  });

  it('says in which order to install what is missing, and names nothing else', async () => {
    await using bundle = await open(packPlan(second, NEWEST));
    const checked = await checkWithBases(bundle, { bases: [] });
    const { hint } = baseMissing(bundle, checked.supply.absent, checked);
    expect(hint).toBe(
      `Nothing was changed. Install "lab" (${base.plan.root}), then "lab" (${first.root}) first, or give them with --base; or build a bundle without --since.`,
    );
    const late = second.document.requires?.[1]?.blobs ?? [];
    expect(baseMissing(bundle, late, checked).hint).toContain(
      `Install "lab" (${first.root}) first, or give it`,
    );
  });

  it('is not made of bundles that count on one another [B-DELTA-7]', async () => {
    const [a, b, c] = ['a', 'b', 'c'].map((name) => ({ name, root: digestOf(name), has: () => true }));
    if (a === undefined || b === undefined || c === undefined) throw new TypeError('three are needed');
    const rings = [
      [{ ...a, requires: [a.root] }],
      [
        { ...a, requires: [b.root] },
        { ...b, requires: [a.root] },
      ],
      [c, { ...a, requires: [b.root] }, { ...b, requires: [c.root, a.root] }],
    ];
    for (const ring of rings) {
      const failure = await failureOf(() => deltaOf(newer.plan, ring));
      expect(failure).toMatchObject({ code: 'ERR_BUNDLE_INVALID' });
      expect(failure.message).toContain('count on one another');
    }
  });
});

describe('a delta', () => {
  it('is complete in itself: what it requires is no problem', async () => {
    await using bundle = await open(delta);
    expect(await checkBundle(bundle)).toEqual([]);
    const [required] = requiredBlobs(delta.plan.document);
    expect(bundle.sizeOf(required?.digest ?? digestOf(''))).toBe(required?.size);
  });

  it('says where to look for a blob that it only requires', async () => {
    await using bundle = await open(delta);
    const [{ digest, size } = { digest: digestOf(''), size: 0 }] = requiredBlobs(delta.plan.document);
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
    const [{ digest } = { digest: digestOf('') }] = requiredBlobs(delta.plan.document);
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
  const [requires = { root: digestOf(''), name: '', blobs: [] }] = document.requires ?? [];
  const held = document.blobs.slice(0, 1);

  it.each([
    ['a blob that it holds', { ...document, requires: [{ ...requires, blobs: held }] }, 'appears twice'],
    [
      'a blob twice',
      { ...document, requires: [{ ...requires, blobs: [...requires.blobs, ...requires.blobs] }] },
      'twice',
    ],
    ['no blob at all', { ...document, requires: [{ ...requires, blobs: [] }] }, '"requires[0].blobs"'],
    ['no bundle at all', { ...document, requires: [] }, '"requires"'],
    ['a bundle twice', { ...document, requires: [requires, requires] }, 'appears twice'],
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
    const lying = { ...document, requires: [{ ...requires, blobs }] };
    const files = new Map(delta.files).set('bundle.json', encodeDocument(lying));
    await using bundle = await open({ ...delta, files });
    const messages = (await checkBundle(bundle)).map(({ message }) => message);
    expect(messages).toContain(`Cannot accept blob "${digestOf('stray')}": no item of bundle.json needs it`);
  });
});
