import { describe, expect, it } from 'vitest';
import { digestOf } from '../../../src/oci/digest.ts';
import { MEDIA_TYPE } from '../../../src/oci/media-type.ts';
import { createImageUpstream } from '../../../src/sources/images/upstream.ts';
import { resolveImages } from '../../../src/sources/images/images.ts';
import type { ImageUpstream } from '../../../src/sources/questions.ts';
import { imageContext, MULTI, resolveFrom, resolveOne, SINGLE } from '../../support/samples/image-bench.ts';
import { memoryRegistries } from '../../support/registry/memory-registry.ts';
import type { SampleImage } from '../../support/samples/sample-image.ts';
import { sampleIndex } from '../../support/samples/sample-index.ts';
import { problemsOf, thrownBy } from '../../support/thrown.ts';

describe('a problem with images', () => {
  it('is reported for all of them at once', async () => {
    const images = { 'lab/app:1': SINGLE };
    const part = {
      images: ['lab/app:1', 'lab/gone:1', { reference: 'lab/app:1', platforms: ['linux/arm64'] }],
      listed: ['quay.io/x/y:2'],
      platforms: ['linux/arm64'],
    };
    expect(await problemsOf(resolveFrom(images, part))).toEqual([
      'ERR_PLATFORM_NOT_FOUND Cannot find linux/arm64 of image "docker.io/lab/app:1": it has linux/amd64',
      'ERR_UPSTREAM_NOT_FOUND Cannot find image "docker.io/lab/gone:1": "docker.io" does not have it',
      'ERR_UPSTREAM_NOT_FOUND Cannot find image "quay.io/x/y:2": "quay.io" does not have it',
    ]);
  });

  it('is every reference and every platform that cannot be read, beside what cannot be had', async () => {
    const part = {
      images: ['gone:1', 'UPPER/case', { reference: 'ok:1', platforms: ['linux'] }],
      listed: ['http://x/y'],
    };
    expect((await problemsOf(resolveFrom({}, part))).map((problem) => problem.split(' ')[0])).toEqual([
      'ERR_UPSTREAM_NOT_FOUND',
      'ERR_REFERENCE_INVALID',
      'ERR_PLATFORM_INVALID',
      'ERR_REFERENCE_INVALID',
    ]);
  });

  it('is a platform that none of them is made for, with those it has', async () => {
    expect(await problemsOf(resolveOne(MULTI, ['windows/amd64', 'linux/riscv64']))).toEqual([
      'ERR_PLATFORM_NOT_FOUND Cannot find windows/amd64, linux/riscv64 of image "docker.io/lab/app:1": it has linux/amd64, linux/arm64, linux/s390x',
    ]);
    expect(await problemsOf(resolveOne(sampleIndex([]), ['linux/amd64']))).toEqual([
      expect.stringContaining('it has no platform'),
    ]);
  });

  it('is an answer with another digest than the reference names', async () => {
    const images = memoryRegistries({ 'lab/app:1': SINGLE });
    const upstream = createImageUpstream(images.registryOf);
    const lying: ImageUpstream = { ...upstream, resolve: async () => MULTI.root };
    const part = { images: [`lab/app:1@${SINGLE.root.digest}`], listed: [] };
    expect(await problemsOf(resolveImages(part, imageContext(lying)))).toEqual([
      `ERR_DIGEST_MISMATCH Cannot resolve image "docker.io/lab/app:1@${SINGLE.root.digest}": found "${MULTI.root.digest}"`,
    ]);
  });

  it('is content that is not what its digest says', async () => {
    const broken: SampleImage = {
      ...SINGLE,
      manifests: SINGLE.manifests.map(({ descriptor, bytes }) => ({ descriptor, bytes: bytes.with(5, 0) })),
    };
    expect(await problemsOf(resolveOne(broken))).toEqual([
      expect.stringMatching(
        /^ERR_DIGEST_MISMATCH Cannot resolve image "docker.io\/lab\/app:1": cannot verify blob/,
      ),
    ]);
  });

  it('is Docker schema 1, by its type or by its content', async () => {
    const typed: SampleImage = {
      ...SINGLE,
      root: { ...SINGLE.root, mediaType: MEDIA_TYPE.dockerSchema1Signed },
    };
    expect(await problemsOf(resolveOne(typed))).toEqual([
      'ERR_MANIFEST_UNSUPPORTED Cannot resolve image "docker.io/lab/app:1": it is of Docker schema 1',
    ]);
    expect(await problemsOf(resolveOne(documentImage({ schemaVersion: 1, fsLayers: [] })))).toEqual([
      expect.stringMatching(/^ERR_MANIFEST_UNSUPPORTED Cannot resolve image "docker.io\/lab\/app:1": /),
    ]);
  });

  it('is an index that is declared as a manifest', async () => {
    const disguised: SampleImage = { ...MULTI, root: { ...MULTI.root, mediaType: MEDIA_TYPE.ociManifest } };
    expect(await problemsOf(resolveOne(disguised))).toEqual([expect.stringContaining('and is an index')]);
  });

  it('is one digest declared with two sizes', async () => {
    const layer = { mediaType: MEDIA_TYPE.ociLayerGzip, digest: digestOf('x'), size: 1 };
    const document = {
      schemaVersion: 2,
      mediaType: MEDIA_TYPE.ociManifest,
      config: { mediaType: MEDIA_TYPE.ociConfig, digest: digestOf('c'), size: 1 },
      layers: [layer, { ...layer, size: 2 }],
    };
    expect(await problemsOf(resolveOne(documentImage(document)))).toEqual([
      expect.stringContaining('it is declared with 1 bytes and with 2 bytes'),
    ]);
  });

  it('is indexes that lie too deep', async () => {
    let image = SINGLE;
    for (let depth = 0; depth < 9; depth++) image = sampleIndex([{ image }]);
    expect(await problemsOf(resolveOne(image))).toEqual([expect.stringContaining('nested more than 8 deep')]);
  });

  it('is a config that is not JSON', async () => {
    const config = {
      descriptor: { mediaType: MEDIA_TYPE.ociConfig, digest: digestOf('{'), size: 1 },
      bytes: Buffer.from('{'),
    };
    const image = documentImage({
      schemaVersion: 2,
      mediaType: MEDIA_TYPE.ociManifest,
      config: config.descriptor,
      layers: [],
    });
    expect(await problemsOf(resolveOne({ ...image, blobs: [config] }, ['linux/amd64']))).toEqual([
      expect.stringContaining('it is not JSON'),
    ]);
  });

  it('is a config too large to read', async () => {
    const config = { mediaType: MEDIA_TYPE.ociConfig, digest: digestOf('x'), size: 9 * 1024 * 1024 };
    const image = documentImage({ schemaVersion: 2, mediaType: MEDIA_TYPE.ociManifest, config, layers: [] });
    expect(await problemsOf(resolveOne(image, ['linux/amd64']))).toEqual([
      expect.stringContaining('more than the 8388608 allowed'),
    ]);
  });

  it('does not arise for an artifact, which is made for no platform', async () => {
    const config = { mediaType: 'application/vnd.wasm.config.v0+json', digest: digestOf('x'), size: 1 };
    const chart = documentImage({ schemaVersion: 2, mediaType: MEDIA_TYPE.ociManifest, config, layers: [] });
    const { planned, warnings } = await resolveOne(chart, ['linux/amd64']);
    expect(planned.item.descriptor.digest).toBe(chart.root.digest);
    expect(warnings).toEqual([]);
  });

  it('is no problem of the images when the work is interrupted', async () => {
    const upstream = createImageUpstream(memoryRegistries({ 'a:1': SINGLE }).registryOf);
    const context = { ...imageContext(upstream), signal: AbortSignal.abort() };
    const error = await thrownBy(resolveImages({ images: ['a:1', 'b:1'], listed: [] }, context));
    expect(error.code).toBe('ERR_INTERRUPTED');
  });
});

function documentImage(document: unknown): SampleImage {
  const bytes = Buffer.from(JSON.stringify(document));
  const root = { mediaType: MEDIA_TYPE.ociManifest, digest: digestOf(bytes), size: bytes.length };
  return { root, blobs: [], manifests: [{ descriptor: root, bytes }] };
}
