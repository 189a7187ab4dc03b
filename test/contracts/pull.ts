import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { collectBytes } from '../../src/internal/bytes.ts';
import { createHttpClient } from '../../src/internal/http/client.ts';
import type { Descriptor } from '../../src/oci/descriptor.ts';
import { digestOf } from '../../src/oci/digest.ts';
import { fetchManifestDocument } from '../../src/oci/documents.ts';
import { walkGraph } from '../../src/oci/graph.ts';
import type { Index, Manifest } from '../../src/oci/manifest.ts';
import { MEDIA_TYPE } from '../../src/oci/media-type.ts';
import type { Registry } from '../../src/oci/roles.ts';
import { createRegistryClient } from '../../src/registry/client.ts';
import { type SampleImage, sampleImage } from '../support/samples/sample-image.ts';

/** An image that a registry has to have for the contract, and where. */
export interface PulledImage {
  readonly repository: string;
  readonly tag: string;
  readonly image: SampleImage;
}

/** What a registry is filled with before the contract holds for it. */
const PULLED: readonly PulledImage[] = [
  {
    repository: 'contract/index',
    tag: 'v1',
    image: sampleImage({ name: 'index', platforms: ['linux/amd64', 'linux/arm64'], layerBytes: 200_000 }),
  },
  { repository: 'contract/docker', tag: 'v1', image: sampleImage({ name: 'docker', format: 'docker' }) },
];

/** The half of the contract of a registry that pulling needs, with our own client. */
export function describePull(
  name: string,
  start: (images: readonly PulledImage[]) => Promise<AsyncDisposable & { readonly host: string }>,
): void {
  describe(`${name}, as a registry to pull from`, () => {
    const http = createHttpClient();
    let server: AsyncDisposable & { readonly host: string };
    let registry: Registry;
    beforeAll(async () => {
      server = await start(PULLED);
      registry = createRegistryClient({ http, credentials: { find: async () => undefined } }).open(
        server.host,
      );
    });
    afterAll(async () => {
      await http[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    });

    it('answers a ping', async () => {
      await expect(registry.ping()).resolves.toBeUndefined();
    });

    it.each(PULLED)('gives $repository by tag and by digest, and all that it is made of', async (pulled) => {
      const { repository: path, tag, image } = pulled;
      const repository = registry.repository(path);
      const { root } = image;
      expect(await repository.resolve(tag)).toMatchObject({ mediaType: root.mediaType, digest: root.digest });
      expect(await repository.resolve(root.digest)).toMatchObject({ digest: root.digest, size: root.size });
      const read = (target: Descriptor): Promise<Manifest | Index> =>
        fetchManifestDocument(target, { from: repository });
      const nodes = await Array.fromAsync(walkGraph(root, { read }));
      expect(nodes).toHaveLength(image.blobs.length + image.manifests.length);
      for (const { descriptor } of nodes) {
        expect(await repository.has(descriptor)).toBe(true);
        expect(digestOf(await bytesOf(repository.fetch(descriptor)))).toBe(descriptor.digest);
      }
    });

    it('gives a blob from any offset on', async () => {
      const [first = PULLED[0]] = PULLED;
      const blob = first?.image.blobs.toSorted((left, right) => right.bytes.length - left.bytes.length)[0];
      if (first === undefined || blob === undefined) throw new Error('the contract has no image');
      const rest = registry.repository(first.repository).fetch(blob.descriptor, { offset: 100_000 });
      expect(Buffer.from(await bytesOf(rest)).equals(blob.bytes.subarray(100_000))).toBe(true);
    });

    it('says that it does not have what it does not have', async () => {
      const repository = registry.repository('contract/index');
      const blob = { mediaType: MEDIA_TYPE.octetStream, digest: digestOf('nothing'), size: 7 };
      expect(await repository.resolve('v2')).toBeUndefined();
      expect(await registry.repository('contract/none').resolve('v1')).toBeUndefined();
      expect(await repository.has(blob)).toBe(false);
      expect(await repository.has({ ...blob, mediaType: MEDIA_TYPE.ociManifest })).toBe(false);
      await expect(bytesOf(repository.fetch(blob))).rejects.toMatchObject({ code: 'ERR_UPSTREAM_NOT_FOUND' });
    });
  });
}

async function bytesOf(stream: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  return await collectBytes(stream, { limit: 2 ** 24, onExcess: () => new Error('it is too long') });
}
