import { describe, expect, it } from 'vitest';
import { PlannedBlobs } from '../../../src/bundle/format/blobs/planned.ts';
import { encodeDockerList } from '../../../src/bundle/format/encode-docker-list.ts';
import { encodeIndex } from '../../../src/bundle/format/encode-index.ts';
import { planBundle } from '../../../src/bundle/plan/plan.ts';
import { encodeDescriptor } from '../../../src/oci/descriptor.ts';
import { digestOf } from '../../../src/oci/digest.ts';
import { MEDIA_TYPE } from '../../../src/oci/media-type.ts';
import { formatPlatform } from '../../../src/oci/platform.ts';
import { type PlannedSample, plannedFile, plannedImage } from '../../support/planned/items.ts';

const NAME = 'docker.io/rancher/rancher:v2.9.2';

/** Returns `manifest.json` of a bundle with these samples. */
function dockerList(...samples: readonly PlannedSample[]): unknown {
  const { document, blobs } = planBundle(
    'lab',
    samples.map(({ planned }) => planned),
  );
  return JSON.parse(Buffer.from(encodeDockerList(document.items, PlannedBlobs.of(blobs))).toString());
}

function index(...samples: readonly PlannedSample[]): unknown {
  const items = samples.map(({ planned }) => planned.item);
  return JSON.parse(Buffer.from(encodeIndex(items)).toString());
}

/** Returns paths of config and layers of the sample's image for a platform, or of its only image. */
function partsOf(sample: PlannedSample, platform?: string): { Config: string; Layers: string[] } {
  const found = sample.contents.find(({ descriptor: { mediaType, platform: own } }) =>
    platform === undefined
      ? mediaType === MEDIA_TYPE.ociManifest
      : own !== undefined && formatPlatform(own) === platform,
  );
  const manifest: { config: { digest: string }; layers: { digest: string }[] } = JSON.parse(
    Buffer.from(found?.bytes ?? []).toString(),
  );
  const path = ({ digest }: { digest: string }): string => `blobs/${digest.replace(':', '/')}`;
  return { Config: path(manifest.config), Layers: manifest.layers.map(path) };
}

/** Returns the sample with a changed manifest in the place of its own, and whatever names it changed too. */
function withManifest(
  sample: PlannedSample,
  change: (manifest: Record<string, unknown>) => object,
): PlannedSample {
  const root = sample.planned.item.descriptor;
  const own = sample.contents.find(({ descriptor }) => descriptor.digest === root.digest);
  const bytes = Buffer.from(JSON.stringify(change(JSON.parse(Buffer.from(own?.bytes ?? []).toString()))));
  const descriptor = { ...root, digest: digestOf(bytes), size: bytes.length };
  const blobs = sample.planned.blobs.filter((blob) => blob.descriptor.digest !== root.digest);
  return {
    planned: {
      item: { ...sample.planned.item, descriptor },
      blobs: [...blobs, { descriptor, origin: { type: 'bytes', bytes } }],
    },
    contents: sample.contents,
  };
}

describe('index.json', () => {
  it('names an image for containerd and for skopeo, and keeps what its descriptor says', () => {
    const sample = plannedImage(NAME);
    expect(index(sample)).toEqual({
      schemaVersion: 2,
      mediaType: MEDIA_TYPE.ociIndex,
      manifests: [
        {
          ...encodeDescriptor(sample.planned.item.descriptor),
          annotations: {
            'io.containerd.image.name': NAME,
            'org.opencontainers.image.ref.name': NAME,
          },
        },
      ],
    });
  });

  it('keeps annotations that the descriptor has', () => {
    const { planned } = plannedImage(NAME);
    const annotations = { 'dev.saddlebag.source.digest': digestOf('upstream') };
    const item = { ...planned.item, descriptor: { ...planned.item.descriptor, annotations } };
    expect(JSON.parse(Buffer.from(encodeIndex([item])).toString())).toMatchObject({
      manifests: [{ annotations: { ...annotations, 'io.containerd.image.name': NAME } }],
    });
  });

  it('gives an artifact its type and no name, so that nobody unpacks it as an image', () => {
    const sample = plannedFile('tool.txt');
    const { mediaType, digest, size } = sample.planned.item.descriptor;
    expect(index(sample)).toMatchObject({
      manifests: [{ mediaType, digest, size, artifactType: 'application/vnd.saddlebag.file.v1' }],
    });
    expect(JSON.stringify(index(sample))).not.toContain('annotations');
  });
});

describe('manifest.json', () => {
  it('lists an image with its config, its layers in order, and its tag', () => {
    const sample = plannedImage(NAME, { layers: 3 });
    expect(dockerList(sample)).toEqual([{ ...partsOf(sample), RepoTags: [NAME] }]);
  });

  it('takes linux/amd64 of an index, wherever it stands', () => {
    const sample = plannedImage(NAME, { platforms: ['linux/arm64', 'linux/amd64', 'windows/amd64'] });
    expect(dockerList(sample)).toEqual([{ ...partsOf(sample, 'linux/amd64'), RepoTags: [NAME] }]);
  });

  it('takes the first image for Linux of an index without linux/amd64', () => {
    const sample = plannedImage(NAME, { platforms: ['windows/amd64', 'linux/s390x', 'linux/arm64'] });
    expect(dockerList(sample)).toEqual([{ ...partsOf(sample, 'linux/s390x'), RepoTags: [NAME] }]);
  });

  it('leaves out artifacts, and images for Windows, because Docker would refuse the whole archive', () => {
    const windows = plannedImage(NAME, { platforms: ['windows/amd64'], index: true });
    expect(dockerList(plannedFile('tool.txt'), windows)).toEqual([]);
  });

  it('passes over attestations in an index', () => {
    const sample = plannedImage(NAME, { platforms: ['unknown/unknown', 'linux/arm64'] });
    expect(dockerList(sample)).toEqual([{ ...partsOf(sample, 'linux/arm64'), RepoTags: [NAME] }]);
  });

  it('leaves out what has no real config, such as a chart pushed as an image', () => {
    const chart = withManifest(plannedImage(NAME), (manifest) => ({
      ...manifest,
      config: { ...Object(manifest['config']), mediaType: 'application/vnd.cncf.helm.config.v1+json' },
    }));
    expect(dockerList(chart)).toEqual([]);
  });

  it('leaves out an image with a layer that is not a tar, or that the bundle does not hold', () => {
    const layers = (change: object) => (manifest: Record<string, unknown>) => ({
      ...manifest,
      layers: Array.isArray(manifest['layers'])
        ? manifest['layers'].map((layer: object) => ({ ...layer, ...change }))
        : [],
    });
    expect(dockerList(withManifest(plannedImage(NAME), layers({ mediaType: 'application/wasm' })))).toEqual(
      [],
    );
    expect(dockerList(withManifest(plannedImage(NAME), layers({ digest: digestOf('elsewhere') })))).toEqual(
      [],
    );
  });

  it('lists an image with two names once', () => {
    const [left, right] = [
      plannedImage('docker.io/a/a:1', { name: 'same' }),
      plannedImage('docker.io/b/b:2', { name: 'same' }),
    ];
    expect(dockerList(right, left)).toMatchObject([{ RepoTags: ['docker.io/a/a:1', 'docker.io/b/b:2'] }]);
  });

  it('tags by the tag alone, because Docker takes no digest there', () => {
    const digest = digestOf('pinned');
    expect(dockerList(plannedImage(`docker.io/a/a:1@${digest}`))).toMatchObject([
      { RepoTags: ['docker.io/a/a:1'] },
    ]);
    expect(dockerList(plannedImage(`docker.io/a/a@${digest}`))).toMatchObject([{ RepoTags: null }]);
  });

  it('gives a tag to one image only', () => {
    const pinned = plannedImage(`docker.io/a/a:1@${digestOf('pinned')}`);
    expect(dockerList(pinned, plannedImage('docker.io/a/a:1'))).toMatchObject([
      { RepoTags: ['docker.io/a/a:1'] },
      { RepoTags: null },
    ]);
  });
});
