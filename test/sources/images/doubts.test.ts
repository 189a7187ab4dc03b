import { describe, expect, it, onTestFinished } from 'vitest';
import type { PlannedItem } from '../../../src/bundle/format/item.ts';
import type { Finding } from '../../../src/internal/finding.ts';
import { encodeDescriptor } from '../../../src/oci/descriptor.ts';
import { digestOf, hexOf } from '../../../src/oci/digest.ts';
import { MEDIA_TYPE } from '../../../src/oci/media-type.ts';
import { resolveImages } from '../../../src/sources/images/images.ts';
import type { ImagesPart } from '../../../src/sources/images/requests.ts';
import { resolveSignatures } from '../../../src/sources/images/signatures.ts';
import { createImageUpstream } from '../../../src/sources/images/upstream.ts';
import { locked } from '../../../src/sources/locked.ts';
import { recorded } from '../../../src/sources/recorded.ts';
import type { SourceContext } from '../../../src/sources/source.ts';
import { openTestClient, type TestClientOptions } from '../../support/registry/client.ts';
import type { FaultAction } from '../../support/registry/fault.ts';
import {
  type InProcessRegistry,
  type InProcessRegistryOptions,
  startRegistry,
} from '../../support/registry/registry.ts';
import { imageContext } from '../../support/samples/image-bench.ts';
import { type SampleImage, sampleImage } from '../../support/samples/sample-image.ts';
import { cosignTag, referrerOf, seedSigned } from '../../support/samples/signed-image.ts';

const image = sampleImage({ name: 'unsigned' });
const index = sampleImage({ name: 'several', platforms: ['linux/amd64', 'linux/arm64', 'linux/s390x'] });

const denied: FaultAction = { type: 'status', status: 403, body: { errors: [{ code: 'DENIED' }] } };

describe('a registry that does not answer for signatures', () => {
  it.each<[string, FaultAction, RegExp]>([
    ['401', { type: 'status', status: 401 }, /answered 401/],
    ['403', denied, /answered 403/],
    ['405', { type: 'status', status: 405 }, /answered 405/],
    ['500', { type: 'status', status: 500 }, /answered 500/],
    ['silence', { type: 'silence' }, /answer|silent|byte/],
  ])('is named once with what it said, and the images are there: %s', async (_name, action, fact) => {
    const { registry, context, warnings } = await setUp();
    const tags = ['v1', 'v2', 'v3'];
    for (const tag of tags) await registry.seed('lab/app', sampleImage({ name: tag }), tag);
    const path = /sha256-|\/referrers\//;
    for (const on of ['GET manifest', 'HEAD manifest', 'GET referrers'] as const)
      registry.inject({ on, path, times: 999, action });
    const images = tags.map((tag) => `${registry.host}/lab/app:${tag}`);
    expect(await resolveAll({ images }, context)).toHaveLength(3);
    expect(warnings).toEqual([
      {
        level: 'warning',
        message: expect.stringMatching(
          new RegExp(`^Cannot look for signatures of 3 images at "${registry.host}": .*${fact.source}`),
        ),
        hint: expect.stringContaining('signatures: false'),
      },
    ]);
  });

  it('is not reported where it says plainly that there are none', async () => {
    const { registry, context, warnings } = await setUp();
    await registry.seed('lab/app', image, 'v1');
    expect(await resolveAll({ images: [`${registry.host}/lab/app:v1`] }, context)).toHaveLength(1);
    expect(warnings).toEqual([]);
  });

  it('gives a lock that answers the same', async () => {
    const { registry, context } = await setUp({ referrers: true });
    await registry.seed('lab/app', image, 'v1');
    await seedSigned(registry, 'lab/app', image);
    registry.inject({ on: 'HEAD manifest', path: /\.att$/, action: denied });
    const part = { images: [`${registry.host}/lab/app:v1`] };
    const recording = recorded(context);
    const before = await resolveAll(part, { ...context, images: recording.images });
    expect(before.map(({ item }) => item.kind)).toEqual(['image', 'signature', 'signature']);
    const { images } = locked(recording.lockOf('lab'), context);
    expect(await resolveAll(part, { ...context, images })).toEqual(before);
  });
});

describe('an index that was made for the bundle', () => {
  it.each<[string, (name: string) => Partial<ImagesPart>]>([
    ['of some of its platforms', (name) => ({ images: [name], platforms: ['linux/amd64', 'linux/arm64'] })],
    ['of Linux and Windows', (name) => ({ windows: [name], images: [name] })],
    ['of Windows alone', (name) => ({ windows: [name] })],
  ])('is not asked for anywhere: one %s', async (_name, part) => {
    const { registry, context, warnings } = await setUp();
    await registry.seed('lab/app', index, 'v1');
    const windows = sampleImage({ name: 'windows', platforms: ['windows/amd64'], osVersion: '10.0.17763.1' });
    await registry.seed('lab/app', windows, 'v1-windows-1809');
    const [planned, ...others] = await resolveAll(part(`${registry.host}/lab/app:v1`), context);
    expect(others).toEqual([]);
    const made = planned?.item.descriptor.digest ?? index.root.digest;
    expect(registry.log.entries.filter(({ path }) => path.includes(hexOf(made)))).toEqual([]);
    expect(warnings).toEqual([]);
  });

  it('is built from a mirror alone', async () => {
    await using mirror = await startRegistry();
    await mirror.seed('lab/app', index, 'v1');
    const { context, warnings } = await setUp({}, { 'gone.invalid': mirror.url });
    const part = { images: ['gone.invalid/lab/app:v1'], platforms: ['linux/amd64', 'linux/arm64'] };
    expect(await resolveAll(part, context)).toHaveLength(1);
    expect(warnings).toEqual([]);
  });

  it.each<[string, Partial<ImagesPart>]>([
    ['whole', {}],
    ['of one platform', { platforms: ['linux/arm64'] }],
    ['of all of its platforms', { platforms: ['linux/amd64', 'linux/arm64', 'linux/s390x'] }],
  ])('is told from one that is taken as it is: %s', async (_name, part) => {
    const { registry, context } = await setUp();
    await registry.seed('lab/app', index, 'v1');
    const [planned] = await resolveAll({ images: [`${registry.host}/lab/app:v1`], ...part }, context);
    const asked = registry.log.entries.map(({ path }) => path);
    expect(asked).toContain(`/v2/lab/app/referrers/${planned?.item.descriptor.digest}`);
  });
});

describe('what is listed beside an image', () => {
  it('counts only when it says that it belongs to it', async () => {
    const { registry, context, warnings } = await setUp();
    await registry.seed('lab/app', image, 'v1');
    const own = referrerOf(image, 'own');
    const others = [referrerOf(index, 'of another'), sampleImage({ name: 'no referrer' }), image];
    for (const each of [own, ...others]) await registry.seed('lab/app', each);
    await list(registry, image, [own, ...others]);
    const found = await resolveAll({ images: [`${registry.host}/lab/app:v1`] }, context);
    expect(found.map(({ item }) => item.descriptor.digest)).toEqual([image.root.digest, own.root.digest]);
    expect(warnings).toEqual([]);
  });

  it('is nothing where the tag of the list stands for the image itself', async () => {
    const { registry, context, warnings } = await setUp();
    await registry.seed('lab/app', index, 'v1');
    await registry.seed('lab/app', index, `sha256-${hexOf(index.root.digest)}`);
    expect(await resolveAll({ images: [`${registry.host}/lab/app:v1`] }, context)).toHaveLength(1);
    expect(warnings).toEqual([]);
  });

  it.each<[string, (registry: InProcessRegistry, gone: SampleImage) => void]>([
    ['is gone', () => undefined],
    ['is denied', (registry, { root }) => inject(registry, root.digest, denied)],
    [
      'is something else',
      (registry, { root }) => inject(registry, root.digest, { type: 'corrupt', atByte: 5 }),
    ],
    ['is no manifest', (registry, { root }) => inject(registry, root.digest, { type: 'html' })],
  ])('is left out with a warning when it %s', async (_name, spoil) => {
    const { registry, context, warnings } = await setUp();
    await registry.seed('lab/app', image, 'v1');
    const [own, gone] = [referrerOf(image, 'own'), referrerOf(image, 'gone')];
    await registry.seed('lab/app', own);
    if (spoil.length > 0) await registry.seed('lab/app', gone);
    await list(registry, image, [own, gone]);
    spoil(registry, gone);
    const found = await resolveAll({ images: [`${registry.host}/lab/app:v1`] }, context);
    expect(found.map(({ item }) => item.descriptor.digest)).toEqual([image.root.digest, own.root.digest]);
    expect(warnings).toEqual([
      expect.objectContaining({ message: expect.stringContaining('what belongs to it cannot be read') }),
    ]);
  });

  it('is no signature when the tag of one stands for the image itself', async () => {
    const { registry, context } = await setUp();
    await registry.seed('lab/app', image, 'v1');
    for (const suffix of ['sig', 'att', 'sbom'] as const)
      await registry.seed('lab/app', image, cosignTag(image, suffix));
    expect(await resolveAll({ images: [`${registry.host}/lab/app:v1`] }, context)).toHaveLength(1);
  });
});

function inject(registry: InProcessRegistry, digest: string, action: FaultAction): void {
  registry.inject({ on: 'GET manifest', path: new RegExp(digest), times: 9, action });
}

/** Puts a list under the tag that stands for the referrers of an image, whatever is on it. */
async function list(
  registry: InProcessRegistry,
  subject: SampleImage,
  listed: readonly SampleImage[],
): Promise<void> {
  const document = {
    schemaVersion: 2,
    mediaType: MEDIA_TYPE.ociIndex,
    manifests: listed.map(({ root }) => encodeDescriptor(root)),
  };
  const bytes = Buffer.from(JSON.stringify(document));
  const descriptor = { mediaType: MEDIA_TYPE.ociIndex, digest: digestOf(bytes), size: bytes.length };
  const tag = `sha256-${hexOf(subject.root.digest)}`;
  await registry.seed('lab/app', { root: descriptor, blobs: [], manifests: [{ descriptor, bytes }] }, tag);
}

async function resolveAll(
  part: Partial<ImagesPart>,
  context: SourceContext,
): Promise<readonly PlannedItem[]> {
  const images = await resolveImages({ images: [], listed: [], ...part }, context);
  return [...images, ...(await resolveSignatures(images, context))];
}

/** Starts a registry; one that is a mirror of another has nobody behind it. */
async function setUp(
  options: InProcessRegistryOptions = {},
  mirrors: Readonly<Record<string, string>> = {},
): Promise<{
  readonly registry: InProcessRegistry;
  readonly context: SourceContext;
  readonly warnings: readonly Finding[];
}> {
  const registry = await startRegistry(options);
  const settings: TestClientOptions['settings'] = {
    mirrors: Object.fromEntries(Object.entries(mirrors).map(([host, url]) => [host, { endpoint: [url] }])),
  };
  const client = openTestClient({ settings });
  onTestFinished(async () => {
    await client[Symbol.asyncDispose]();
    await registry[Symbol.asyncDispose]();
  });
  const warnings: Finding[] = [];
  const upstream = createImageUpstream((host) => client.open(host));
  return { registry, context: imageContext(upstream, (finding) => warnings.push(finding)), warnings };
}
