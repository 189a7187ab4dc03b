import { describe, expect, it, onTestFinished } from 'vitest';
import type { PlannedItem } from '../../../src/bundle/format/item.ts';
import { SaddlebagError } from '../../../src/internal/error.ts';
import { digestOf } from '../../../src/oci/digest.ts';
import { createImageUpstream } from '../../../src/sources/images/upstream.ts';
import { resolveImages } from '../../../src/sources/images/images.ts';
import { locked } from '../../../src/sources/locked.ts';
import { recorded } from '../../../src/sources/recorded.ts';
import { resolveSignatures } from '../../../src/sources/images/signatures.ts';
import type { ImageUpstream } from '../../../src/sources/questions.ts';
import type { SourceContext } from '../../../src/sources/source.ts';
import { imageContext } from '../../support/samples/image-bench.ts';
import { plannedImage } from '../../support/planned/items.ts';
import { type InProcessRegistry, startRegistry } from '../../support/registry/registry.ts';
import { openTestClient } from '../../support/registry/client.ts';
import { sampleImage } from '../../support/samples/sample-image.ts';
import { cosignTag, referrerOf, seedSigned } from '../../support/samples/signed-image.ts';
import { thrownBy } from '../../support/thrown.ts';

const image = sampleImage({ name: 'signed' });

describe('resolveSignatures', () => {
  it.each([true, false])(
    'takes cosign’s tags and referrers along; registry keeps lists: %s',
    async (referrers) => {
      const { registry, context } = await setUp({ referrers });
      await registry.seed('lab/app', image, 'v1');
      const { bill } = await seedSigned(registry, 'lab/app', image);
      if (!referrers) await listByTag(registry, bill.root.digest);
      const found = await signaturesOf(registry, context);
      const place = `${registry.host}/lab/app`;
      expect(found.map(({ item }) => item.name).sort()).toEqual(
        [
          `${place}:${cosignTag(image, 'att')}`,
          `${place}:${cosignTag(image, 'sig')}`,
          `${place}@${bill.root.digest}`,
        ].sort(),
      );
      for (const { item, blobs } of found) {
        expect(item).toMatchObject({ kind: 'signature', subject: image.root.digest, audience: ['registry'] });
        expect(blobs.at(-1)?.descriptor.digest).toBe(item.descriptor.digest);
      }
    },
  );

  it('is content with nothing', async () => {
    const { registry, context } = await setUp({ referrers: true });
    await registry.seed('lab/app', image, 'v1');
    expect(await signaturesOf(registry, context)).toEqual([]);
  });

  it('takes what refers to a referrer along, and so on, up to a limit', async () => {
    const { registry, context } = await setUp({ referrers: true });
    await registry.seed('lab/app', image, 'v1');
    const chain = [image];
    for (let index = 0; index < 6; index += 1) {
      const next = referrerOf(chain.at(-1) ?? image, `step-${index}`);
      await registry.seed('lab/app', next);
      chain.push(next);
    }
    const found = await signaturesOf(registry, context);
    const subjects = new Map(found.map(({ item }) => [item.descriptor.digest, item]));
    expect(found).toHaveLength(4);
    for (const [index, { root }] of chain.slice(1, 5).entries())
      expect(subjects.get(root.digest)).toMatchObject({ subject: chain[index]?.root.digest });
  });

  it('takes along what belongs to single platforms of an index, where the index has something too', async () => {
    const { registry, context } = await setUp({ referrers: true });
    const index = sampleImage({ name: 'multi', platforms: ['linux/amd64', 'linux/arm64'] });
    await registry.seed('lab/app', index, 'v1');
    const [amd64] = index.manifests;
    if (amd64 === undefined) throw new Error('expected a manifest');
    const part = { ...index, root: amd64.descriptor };
    const bill = referrerOf(part, 'bill');
    await registry.seed('lab/app', sampleImage({ name: 'signature of a part' }), cosignTag(part, 'sig'));
    await registry.seed('lab/app', bill);
    expect(await signaturesOf(registry, context)).toEqual([]);
    // A list that is asked anew: each question is asked once a run.
    const client = openTestClient();
    onTestFinished(() => client[Symbol.asyncDispose]());
    await registry.seed('lab/app', sampleImage({ name: 'signature of all' }), cosignTag(index, 'sig'));
    const again = imageContext(createImageUpstream((host) => client.open(host)));
    const found = await signaturesOf(registry, again);
    const place = `${registry.host}/lab/app`;
    expect(found.map(({ item }) => item.name).sort()).toEqual(
      [
        `${place}:${cosignTag(index, 'sig')}`,
        `${place}:${cosignTag(part, 'sig')}`,
        `${place}@${bill.root.digest}`,
      ].sort(),
    );
    expect(found.filter(({ item }) => 'subject' in item && item.subject === part.root.digest)).toHaveLength(
      2,
    );
    // The lock knows them by the platform they belong to.
    const { web, ask, images } = again;
    const recording = recorded({ images, web, ask });
    await signaturesOf(registry, { ...again, images: recording.images });
    const answers = locked(recording.lockOf('lab'), { images, web });
    expect(await signaturesOf(registry, { ...again, images: answers.images })).toEqual(found);
  });

  it('refuses an index with more platforms than there are', async () => {
    const { registry, context } = await setUp({});
    const platforms = Array.from({ length: 65 }, (_, index) => `linux/arm/v${index}`);
    const index = sampleImage({ name: 'endless', platforms, layers: 0, sharedLayers: ['base'] });
    await registry.seed('lab/app', index, 'v1');
    await registry.seed('lab/app', image, cosignTag(index, 'sig'));
    expect(await thrownBy(signaturesOf(registry, context))).toMatchObject({
      code: 'ERR_DOCUMENT_INVALID',
      message: expect.stringContaining('it has 65 platforms to ask for, more than the 64 allowed'),
    });
    expect(registry.log.count('HEAD manifest')).toBeLessThan(10);
  });

  it('refuses referrers of referrers that are there to fill a disk', async () => {
    const { context } = await setUp({});
    const unasked = async (): Promise<never> => {
      throw new Error('expected no question');
    };
    const attached: ImageUpstream['attached'] = async (_reference, subject) =>
      Array.from({ length: 90 }, (_, index) => ({
        descriptor: { ...image.root, digest: digestOf(`${subject} ${index}`) },
      }));
    const images: ImageUpstream = { resolve: unasked, document: unasked, content: unfetched, attached };
    const { planned } = plannedImage('docker.io/lab/app:v1');
    expect(await thrownBy(resolveSignatures([planned], { ...context, images }))).toMatchObject({
      code: 'ERR_DOCUMENT_INVALID',
      message: expect.stringContaining('"docker.io/lab/app:v1": it has more than 500 attachments'),
    });
  });

  it('takes what two tags of one image share once', async () => {
    const { registry, context } = await setUp({ referrers: true });
    await registry.seed('lab/app', image, 'v1');
    await registry.seed('lab/app', image, 'v2');
    await seedSigned(registry, 'lab/app', image);
    expect(await signaturesOf(registry, context, ['v1', 'v2'])).toHaveLength(3);
  });

  it('answers the same from a lock, whatever has come upstream meanwhile', async () => {
    const { registry, context } = await setUp({ referrers: true });
    await registry.seed('lab/app', image, 'v1');
    const { bill } = await seedSigned(registry, 'lab/app', image);
    const { web, ask, images } = context;
    const recording = recorded({ images, web, ask });
    const before = await signaturesOf(registry, { ...context, images: recording.images });
    const lock = recording.lockOf('lab');
    expect([...lock.references.keys()]).toContain(
      `${registry.host}/lab/app:sha256-${image.root.digest.slice(7)}@${bill.root.digest}`,
    );
    await registry.seed('lab/app', referrerOf(image, 'later'));
    await registry.seed('lab/app', sampleImage({ name: 'later' }), cosignTag(image, 'sbom'));
    const answers = locked(lock, { images, web });
    expect(await signaturesOf(registry, { ...context, images: answers.images })).toEqual(before);
  });

  it('refuses a list that is there to fill a disk', async () => {
    const { registry, context } = await setUp({ referrers: true });
    await registry.seed('lab/app', image, 'v1');
    for (let index = 0; index < 101; index += 1)
      await registry.seed('lab/app', referrerOf(image, `bill-${index}`));
    expect(await thrownBy(signaturesOf(registry, context))).toMatchObject({
      code: 'ERR_DOCUMENT_INVALID',
      hint: expect.stringContaining('signatures: false'),
    });
  });

  it('asks nothing of registries that know of no such thing', async () => {
    const { context } = await setUp({});
    const unasked = async (): Promise<never> => {
      throw new Error('expected no question');
    };
    const images: ImageUpstream = { resolve: unasked, document: unasked, content: unfetched };
    expect(await resolveSignatures([], { ...context, images })).toEqual([]);
  });

  it('asks about a few images at once, in their order, and about none after a failure', async () => {
    const items = Array.from(
      { length: 100 },
      (_, number) => plannedImage(`lab.test/app-${number}:v1`).planned,
    );
    const asked: string[] = [];
    let [atOnce, most] = [0, 0];
    const attachedFailingAt = (last: number): ImageUpstream => ({
      resolve: unfetched,
      document: unfetched,
      content: unfetched,
      attached: async ({ repository }) => {
        asked.push(repository);
        most = Math.max(most, (atOnce += 1));
        await new Promise(setImmediate);
        atOnce -= 1;
        if (repository === `app-${last}`) throw new SaddlebagError('ERR_REGISTRY_FAILED', 'Cannot ask');
        return [];
      },
    });
    const { context } = await setUp({});
    expect(await resolveSignatures(items, { ...context, images: attachedFailingAt(-1) })).toEqual([]);
    expect(asked).toEqual(items.map((_, number) => `app-${number}`));
    expect(most).toBe(16);
    asked.length = 0;
    const failing = resolveSignatures(items, { ...context, images: attachedFailingAt(20) });
    expect(await thrownBy(failing)).toMatchObject({ code: 'ERR_REGISTRY_FAILED' });
    expect(asked.length).toBeLessThan(40);
    expect(atOnce).toBe(0);
  });
});

function unfetched(): never {
  throw new Error('expected no question');
}

async function setUp(options: {
  readonly referrers?: boolean;
}): Promise<{ readonly registry: InProcessRegistry; readonly context: SourceContext }> {
  const registry = await startRegistry(options);
  onTestFinished(() => registry[Symbol.asyncDispose]());
  const client = openTestClient();
  onTestFinished(() => client[Symbol.asyncDispose]());
  return { registry, context: imageContext(createImageUpstream((host) => client.open(host))) };
}

async function signaturesOf(
  registry: InProcessRegistry,
  context: SourceContext,
  tags: readonly string[] = ['v1'],
): Promise<readonly PlannedItem[]> {
  const images = tags.map((tag) => `${registry.host}/lab/app:${tag}`);
  return await resolveSignatures(await resolveImages({ images, listed: [] }, context), context);
}

/** Lists a referrer as a client must where the registry keeps no list. */
async function listByTag(registry: InProcessRegistry, digest: string): Promise<void> {
  const manifests = await registry.content.referrers('lab/app', image.root.digest);
  expect(manifests.map((each) => each['digest'])).toEqual([digest]);
  const body = JSON.stringify({
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.index.v1+json',
    manifests,
  });
  const tag = `sha256-${image.root.digest.slice(7)}`;
  const response = await fetch(`${registry.url}/v2/lab/app/manifests/${tag}`, {
    method: 'PUT',
    headers: { 'content-type': 'application/vnd.oci.image.index.v1+json' },
    body,
  });
  expect(response.status).toBe(201);
}
