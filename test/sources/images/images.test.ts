import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { PlannedItem } from '../../../src/bundle/format/item.ts';
import { ANNOTATION } from '../../../src/oci/annotation.ts';
import { MEDIA_TYPE } from '../../../src/oci/media-type.ts';
import { MULTI, orderFaults, resolveFrom, resolveOne, SINGLE } from '../../support/samples/image-bench.ts';
import { sampleImage } from '../../support/samples/sample-image.ts';
import { sampleIndex } from '../../support/samples/sample-index.ts';

function digestsOf(planned: PlannedItem | undefined): readonly string[] {
  return (planned?.blobs ?? []).map(({ descriptor }) => descriptor.digest);
}

describe('an image without platforms', () => {
  it('is the whole index, byte for byte', async () => {
    const { planned } = await resolveOne(MULTI);
    expect(planned.item).toEqual({
      kind: 'image',
      name: 'docker.io/lab/app:1',
      descriptor: { mediaType: MULTI.root.mediaType, digest: MULTI.root.digest, size: MULTI.root.size },
      audience: ['registry'],
    });
    expect(orderFaults(planned)).toEqual([]);
    const all = [...MULTI.blobs, ...MULTI.manifests].map(({ descriptor }) => descriptor.digest);
    expect(digestsOf(planned).toSorted()).toEqual(all.toSorted());
  });

  it('keeps attestations, for they are part of the index', async () => {
    const attested = sampleIndex([
      { image: SINGLE, platform: { os: 'linux', architecture: 'amd64' } },
      { image: sampleImage({ name: 'attestation' }), platform: { os: 'unknown', architecture: 'unknown' } },
    ]);
    const { planned } = await resolveOne(attested);
    expect(planned.item.descriptor.digest).toBe(attested.root.digest);
    expect(orderFaults(planned)).toEqual([]);
  });

  it('has its manifests at hand, and fetches configs and layers from its repository', async () => {
    const { planned } = await resolveOne(SINGLE);
    expect(planned.blobs.map(({ origin }) => origin.type)).toEqual([
      'registry',
      'registry',
      'registry',
      'bytes',
    ]);
    expect(planned.blobs.at(0)?.origin).toEqual({
      type: 'registry',
      reference: { registry: 'docker.io', repository: 'lab/app', tag: '1' },
    });
  });

  it('may be of Docker’s types, and may hold indexes within indexes', async () => {
    const docker = sampleImage({
      name: 'docker',
      format: 'docker',
      platforms: ['linux/amd64', 'linux/arm64'],
    });
    const nested = sampleIndex([{ image: docker }, { image: SINGLE }]);
    const { planned } = await resolveOne(nested);
    expect(orderFaults(planned)).toEqual([]);
    expect(digestsOf(planned)).toContain(docker.root.digest);
  });
});

describe('an image for one platform', () => {
  it('is the manifest of that platform', async () => {
    const { planned } = await resolveOne(MULTI, ['linux/arm64']);
    const arm = MULTI.manifests[1]?.descriptor;
    expect(planned.item).toMatchObject({ descriptor: { digest: arm?.digest }, platforms: ['linux/arm64'] });
    expect(planned.item.descriptor.platform).toBeUndefined();
    expect(orderFaults(planned)).toEqual([]);
    expect(planned.blobs).toHaveLength(4);
  });

  it('is the image itself when it was never an index', async () => {
    const { planned, warnings } = await resolveOne(SINGLE, ['linux/amd64']);
    expect(planned.item.descriptor.digest).toBe(SINGLE.root.digest);
    expect(planned.item.kind === 'image' ? planned.item.platforms : 'no image').toBeUndefined();
    expect(warnings).toEqual([]);
  });

  it('is found by the config of an entry that names no platform', async () => {
    const bare = sampleIndex([
      { image: SINGLE },
      { image: sampleImage({ name: 'arm', platforms: ['linux/arm64'] }) },
    ]);
    const { planned } = await resolveOne(bare, ['linux/amd64']);
    expect(planned.item.descriptor.digest).toBe(SINGLE.root.digest);
  });

  it('is every Windows build in an index, because a bundle does not know the host', async () => {
    const windows = ['10.0.17763.1', '10.0.20348.1'].map((version) => ({
      image: sampleImage({ name: version, platforms: ['windows/amd64'] }),
      platform: { os: 'windows', architecture: 'amd64', 'os.version': version, 'os.features': ['win32k'] },
    }));
    const source = sampleIndex([
      ...windows,
      { image: SINGLE, platform: { os: 'linux', architecture: 'amd64' } },
    ]);
    const { planned } = await resolveOne(source, ['windows/amd64']);
    const index = indexOf(planned);
    expect(index.manifests.map(({ platform }) => platform)).toEqual(windows.map(({ platform }) => platform));
    expect(planned.item).toMatchObject({ platforms: ['windows/amd64'] });
  });
});

describe('an image for several platforms', () => {
  it('is an index of just these that names its source', async () => {
    const { planned } = await resolveOne(MULTI, ['linux/s390x', 'linux/amd64']);
    expect(planned.item).toMatchObject({ platforms: ['linux/amd64', 'linux/s390x'] });
    const index = indexOf(planned);
    expect(index.mediaType).toBe(MEDIA_TYPE.ociIndex);
    expect(index.annotations).toEqual({ [ANNOTATION.sourceDigest]: MULTI.root.digest });
    expect(index.manifests.map(({ digest }) => digest)).toEqual(
      [0, 2].map((at) => MULTI.manifests[at]?.descriptor.digest),
    );
    expect(orderFaults(planned)).toEqual([]);
    expect(digestsOf(planned)).not.toContain(MULTI.root.digest);
  });

  it('is of the media type of its source, leaves attestations out, and is the same bytes every time', async () => {
    const source = sampleIndex(
      [
        { image: sampleImage({ name: 'a' }), platform: { architecture: 'amd64', os: 'linux' } },
        {
          image: sampleImage({ name: 'b' }),
          platform: { architecture: 'arm64', os: 'linux', variant: 'v8' },
        },
        {
          image: sampleImage({ name: 'c' }),
          platform: { architecture: 'unknown', os: 'unknown' },
          annotations: { a: 'b' },
        },
      ],
      { mediaType: MEDIA_TYPE.dockerList, annotations: { z: '1', a: '2' } },
    );
    const { planned } = await resolveOne(source, ['linux/amd64', 'linux/arm64']);
    const index = indexOf(planned);
    expect(index.mediaType).toBe(MEDIA_TYPE.dockerList);
    expect(index.manifests).toHaveLength(2);
    expect(Object.keys(index.annotations ?? {})).toEqual(['a', ANNOTATION.sourceDigest, 'z']);
    const again = await resolveOne(source, ['linux/arm64', 'linux/amd64']);
    expect(again.planned.item).toEqual(planned.item);
  });

  it('is the source itself when that is of just these', async () => {
    const both = sampleImage({ name: 'both', platforms: ['linux/amd64', 'linux/arm64'] });
    const { planned } = await resolveOne(both, ['linux/arm64', 'linux/amd64']);
    expect(planned.item.descriptor.digest).toBe(both.root.digest);
    expect(planned.item.kind === 'image' ? planned.item.platforms : 'no image').toBeUndefined();
  });

  it('comes with a warning for those that it is not made for', async () => {
    const { planned, warnings } = await resolveOne(MULTI, ['linux/amd64', 'windows/amd64']);
    expect(indexOf(planned).manifests).toHaveLength(1);
    expect(warnings).toEqual([
      'Image "docker.io/lab/app:1" is not made for windows/amd64: the bundle has linux/amd64 of it',
    ]);
    expect((await resolveOne(SINGLE, ['linux/amd64', 'linux/arm64'])).warnings).toHaveLength(1);
  });
});

describe('images', () => {
  it('are one item by whatever name they are asked for, wanted for all platforms together', async () => {
    const { items, asked } = await resolveFrom(
      { 'rancher/rancher:v2.9.2': MULTI },
      {
        images: [
          { reference: 'docker.io/rancher/rancher:v2.9.2', platforms: ['linux/arm64'] },
          { reference: 'rancher/rancher:v2.9.2', platforms: ['linux/amd64', 'linux/aarch64'] },
        ],
        listed: ['index.docker.io/rancher/rancher:v2.9.2'],
        platforms: ['linux/amd64'],
      },
    );
    expect(items.map(({ item }) => item)).toMatchObject([
      { name: 'docker.io/rancher/rancher:v2.9.2', platforms: ['linux/amd64', 'linux/arm64'] },
    ]);
    expect(asked.filter((question) => question.startsWith('resolve'))).toHaveLength(1);
  });

  it('are whole when anyone asks for them whole', async () => {
    const { items } = await resolveFrom(
      { 'lab/app:1': MULTI },
      { images: [{ reference: 'lab/app:1', platforms: ['linux/amd64'] }], listed: ['lab/app:1'] },
    );
    expect(items[0]?.item.descriptor.digest).toBe(MULTI.root.digest);
  });

  it('keep a digest in their name, and are what it says', async () => {
    const { digest } = SINGLE.root;
    const { items } = await resolveFrom(
      { 'lab/app:1': SINGLE },
      { images: [`lab/app@${digest}`, `lab/app:1@${digest}`] },
    );
    expect(items.map(({ item }) => item.name)).toEqual([
      `docker.io/lab/app:1@${digest}`,
      `docker.io/lab/app@${digest}`,
    ]);
  });

  it('are sorted by name', async () => {
    const { items } = await resolveFrom(
      { 'b:1': SINGLE, 'a:1': MULTI, 'quay.io/c:1': SINGLE },
      { listed: ['quay.io/c:1', 'b:1', 'a:1'] },
    );
    expect(items.map(({ item }) => item.name)).toEqual([
      'docker.io/library/a:1',
      'docker.io/library/b:1',
      'quay.io/c:1',
    ]);
  });

  it('share the answers: a layer twice in an image is one blob', async () => {
    const twins = sampleImage({
      name: 'twins',
      platforms: ['linux/amd64', 'linux/arm64'],
      sharedLayers: ['base'],
    });
    const { planned } = await resolveOne(twins);
    expect(orderFaults(planned)).toEqual([]);
  });
});

const indexSchema = z.object({
  mediaType: z.string(),
  annotations: z.record(z.string(), z.string()).optional(),
  manifests: z.array(z.object({ digest: z.string(), platform: z.unknown() })),
});

/** The root document of an item, as anybody would read it. */
function indexOf(planned: PlannedItem): z.infer<typeof indexSchema> {
  const origin = planned.blobs.at(-1)?.origin;
  return indexSchema.parse(JSON.parse(Buffer.from(origin?.type === 'bytes' ? origin.bytes : []).toString()));
}
