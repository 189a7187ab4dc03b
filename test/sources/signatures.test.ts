import { describe, expect, it, onTestFinished } from 'vitest';
import type { PlannedItem } from '../../src/bundle/item.ts';
import { createImageUpstream } from '../../src/sources/image-upstream.ts';
import { resolveImages } from '../../src/sources/images.ts';
import { locked } from '../../src/sources/locked.ts';
import { recorded } from '../../src/sources/recorded.ts';
import { resolveSignatures } from '../../src/sources/signatures.ts';
import type { ImageUpstream, SourceContext } from '../../src/sources/source.ts';
import { imageContext } from '../support/image-bench.ts';
import { type InProcessRegistry, startRegistry } from '../support/registry.ts';
import { openTestClient } from '../support/registry-client.ts';
import { sampleImage } from '../support/sample-image.ts';
import { cosignTag, referrerOf, seedSigned } from '../support/signed-image.ts';
import { thrownBy } from '../support/thrown.ts';

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
    const { web, charts, catalogue, images } = context;
    const recording = recorded({ images, web, charts, catalogue });
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
    const images: ImageUpstream = { resolve: unasked, document: unasked };
    expect(await resolveSignatures([], { ...context, images })).toEqual([]);
  });
});

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
