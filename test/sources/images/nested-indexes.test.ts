import { describe, expect, it } from 'vitest';
import type { PlannedItem } from '../../../src/bundle/format/item.ts';
import { ANNOTATION } from '../../../src/oci/annotation.ts';
import { decodeManifest, type Index } from '../../../src/oci/manifest.ts';
import { MEDIA_TYPE } from '../../../src/oci/media-type.ts';
import { createRegistryClient } from '../../../src/registry/client.ts';
import { resolveImages } from '../../../src/sources/images/images.ts';
import { createImageUpstream } from '../../../src/sources/images/upstream.ts';
import { startRegistry } from '../../support/registry/registry.ts';
import { imageContext, orderFaults, resolveFrom, resolveOne } from '../../support/samples/image-bench.ts';
import { type SampleImage, sampleImage } from '../../support/samples/sample-image.ts';
import { sampleIndex, type SampleIndexEntry } from '../../support/samples/sample-index.ts';
import { impatientClient } from '../../support/sites/source-context.ts';
import { problemsOf } from '../../support/thrown.ts';

const AMD = entry('amd64');
const ARM = entry('arm64');
const Z = entry('s390x');
const ATTESTATION = {
  image: sampleImage({ name: 'attestation' }),
  platform: { os: 'unknown', architecture: 'unknown' },
};

function entry(architecture: string): SampleIndexEntry {
  const image = sampleImage({ name: architecture, platforms: [`linux/${architecture}`] });
  // `features` is a field that we do not know.
  return { image, platform: { os: 'linux', architecture, features: ['kept'] } };
}

function bare({ image }: SampleIndexEntry): SampleIndexEntry {
  return { image };
}

function nested(entries: readonly SampleIndexEntry[], mediaType?: string): SampleIndexEntry {
  return { image: sampleIndex(entries, mediaType === undefined ? {} : { mediaType }) };
}

function deep(levels: number, times = 1): SampleImage {
  let inner = nested([AMD, ARM, Z]);
  for (let level = 1; level < levels; level += 1)
    inner = nested(
      Array.from({ length: times }, () => ({ image: { ...inner.image, blobs: [], manifests: [] } })),
    );
  return inner.image;
}

const SHAPES: readonly (readonly [string, SampleImage])[] = [
  ['one index in it', sampleIndex([nested([AMD, ARM, Z])])],
  ['an index for each', sampleIndex([nested([AMD]), nested([ARM]), nested([Z])])],
  ['an index beside an image', sampleIndex([AMD, nested([ARM, Z])])],
  ['an index that holds attestations too', sampleIndex([nested([AMD, ATTESTATION, ARM]), ATTESTATION, Z])],
  ['an index of attestations', sampleIndex([nested([ATTESTATION]), AMD, ARM, Z])],
  ['indexes three deep', sampleIndex([nested([nested([nested([AMD]), ARM])]), Z])],
  ['an index that is listed twice', sampleIndex([nested([AMD, ARM]), nested([AMD, ARM]), Z])],
  ['an index without entries', sampleIndex([nested([]), AMD, ARM, Z])],
  [
    'lists of Docker',
    sampleIndex([nested([AMD, ARM], MEDIA_TYPE.dockerList), Z], { mediaType: MEDIA_TYPE.dockerList }),
  ],
];

describe.each(SHAPES)('an image with %s', (_shape, source) => {
  it('is the manifest of the one platform that is wanted', async () => {
    const { planned, warnings } = await resolveOne(source, ['linux/arm64']);
    expect(planned.item).toMatchObject({
      descriptor: { digest: ARM.image.root.digest },
      platforms: ['linux/arm64'],
    });
    expect(orderFaults(planned)).toEqual([]);
    expect(warnings).toEqual([]);
  });

  it('is a flat index of those that are wanted, with their entries as they were written', async () => {
    const { planned, warnings } = await resolveOne(source, ['linux/arm64', 'linux/amd64']);
    expect(planned.item).toMatchObject({ platforms: ['linux/amd64', 'linux/arm64'] });
    const { index, text } = indexOf(planned);
    expect(index.manifests.map(({ digest }) => digest)).toEqual([
      AMD.image.root.digest,
      ARM.image.root.digest,
    ]);
    expect(text.match(/"features":\["kept"\]/g)).toHaveLength(2);
    expect(index.mediaType).toBe(source.root.mediaType);
    expect(index.annotations).toEqual({ [ANNOTATION.sourceDigest]: source.root.digest });
    expect(orderFaults(planned)).toEqual([]);
    expect(warnings).toEqual([]);
  });

  it('tells what is found nowhere', async () => {
    const { warnings } = await resolveOne(source, ['linux/amd64', 'linux/riscv64']);
    expect(warnings).toEqual([
      'Image "docker.io/lab/app:1" is not made for linux/riscv64: the bundle has linux/amd64 of it',
    ]);
    expect(await problemsOf(resolveOne(source, ['linux/riscv64']))).toEqual([
      'ERR_PLATFORM_NOT_FOUND Cannot find linux/riscv64 of image "docker.io/lab/app:1": it has linux/amd64, linux/arm64, linux/s390x',
    ]);
  });
});

describe('an index in an index', () => {
  it('is asked for its images themselves where its entries name no platform', async () => {
    const source = sampleIndex([nested([bare(AMD), bare(ARM)]), bare(Z)]);
    const { planned } = await resolveOne(source, ['linux/s390x', 'linux/amd64']);
    expect(indexOf(planned).index.manifests.map(({ digest }) => digest)).toEqual([
      AMD.image.root.digest,
      Z.image.root.digest,
    ]);
  });

  it('stays where it is when all there is was wanted, so that the digest stays', async () => {
    const source = sampleIndex([nested([AMD]), nested([ARM])]);
    const { planned } = await resolveOne(source, ['linux/arm64', 'linux/amd64']);
    expect(planned.item.descriptor.digest).toBe(source.root.digest);
    expect(planned.item.kind === 'image' ? planned.item.platforms : 'no image').toBeUndefined();
    expect(orderFaults(planned)).toEqual([]);
  });

  it('is one entry when it names a platform itself', async () => {
    const windows = { os: 'windows', architecture: 'amd64' };
    const builds = nested([
      { image: sampleImage({ name: 'w', platforms: ['windows/amd64'] }), platform: windows },
    ]);
    const source = sampleIndex([{ ...builds, platform: windows }, AMD]);
    const { planned } = await resolveOne(source, ['windows/amd64']);
    expect(planned.item.descriptor.digest).toBe(builds.image.root.digest);
  });

  it('counts for Windows as well', async () => {
    const windows = {
      image: sampleImage({ name: 'w', platforms: ['windows/amd64'] }),
      platform: { os: 'windows', architecture: 'amd64', 'os.version': '10.0.17763.1' },
    };
    const source = sampleIndex([nested([AMD]), nested([windows])]);
    const { items } = await resolveFrom(
      { 'lab/app:1': source },
      { listed: ['lab/app:1'], windows: ['lab/app:1'] },
    );
    expect(items.map(({ item }) => item.descriptor.digest)).toEqual([source.root.digest]);
  });

  it('is followed eight deep and no deeper', async () => {
    const eight = deep(9);
    const { planned } = await resolveOne(withContents(eight, 9), ['linux/arm64']);
    expect(planned.item.descriptor.digest).toBe(ARM.image.root.digest);
    expect(await problemsOf(resolveOne(withContents(deep(10), 10), ['linux/arm64']))).toEqual([
      expect.stringMatching(/^ERR_DOCUMENT_INVALID .*nested more than 8 deep$/),
    ]);
  });

  it('is read once however often it is listed', async () => {
    const source = withContents(deep(8, 1000), 8, 1000);
    const { items, asked } = await resolveFrom(
      { 'lab/app:1': source },
      { images: ['lab/app:1'], platforms: ['linux/arm64', 'linux/amd64'] },
    );
    expect(items[0] === undefined ? undefined : indexOf(items[0]).index.manifests).toHaveLength(2);
    const fetched = asked.filter((question) => question.startsWith('fetch'));
    expect(fetched).toHaveLength(new Set(fetched).size);
  });
});

describe('what an index lists without a platform, and its registry does not have,', () => {
  it.each([
    ['an index', nested([ATTESTATION])],
    ['a manifest', bare(ATTESTATION)],
  ])('is told and passed over: %s', async (_what, lost) => {
    await using registry = await startRegistry();
    await using http = impatientClient();
    const source = sampleIndex([lost, AMD, ARM]);
    await registry.seed('lab/app', { ...source, manifests: without(source, lost.image) }, '1');
    const client = createRegistryClient({ http });
    const warnings: string[] = [];
    const context = imageContext(
      createImageUpstream((host) => client.open(host)),
      ({ message }) => warnings.push(message),
    );
    const name = `${registry.host}/lab/app:1`;
    const lostOne = lost.image.root.digest;
    for (const [platforms, kept] of [
      [['linux/arm64'], 1],
      [['linux/arm64', 'linux/amd64'], 2],
    ] as const) {
      warnings.length = 0;
      const [planned] = await resolveImages({ images: [name], listed: [], platforms }, context);
      const digests = planned?.blobs.map(({ descriptor }) => descriptor.digest) ?? [];
      expect(digests).toContain(ARM.image.root.digest);
      expect(digests.includes(AMD.image.root.digest)).toBe(kept === 2);
      expect(digests).not.toContain(lostOne);
      expect(warnings).toEqual([
        `Image "${name}" lists "${lostOne}", which its registry does not have: the bundle goes without it`,
      ]);
    }
  });
});

/** The contents of `deep`, each once. */
function withContents(root: SampleImage, levels: number, times = 1): SampleImage {
  const all = Array.from({ length: levels }, (_, level) => deep(level + 1, times));
  return {
    ...root,
    blobs: all.flatMap(({ blobs }) => blobs),
    manifests: all.flatMap(({ manifests }) => manifests),
  };
}

function without({ manifests }: SampleImage, { root }: SampleImage): SampleImage['manifests'] {
  return manifests.filter(({ descriptor }) => descriptor.digest !== root.digest);
}

function indexOf(planned: PlannedItem): { readonly index: Index; readonly text: string } {
  const origin = planned.blobs.at(-1)?.origin;
  if (origin?.type !== 'bytes') throw new Error('expected an index at hand');
  const index = decodeManifest(origin.bytes);
  if (index.type !== 'index') throw new Error('expected an index');
  return { index, text: Buffer.from(origin.bytes).toString() };
}
