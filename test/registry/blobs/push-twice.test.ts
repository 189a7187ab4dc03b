import { describe, expect, it } from 'vitest';
import { Gate } from '../../../src/internal/gate.ts';
import { copyGraph } from '../../../src/oci/copy.ts';
import { Ledger } from '../../../src/oci/ledger.ts';
import { startRegistry } from '../../support/registry/registry.ts';
import { openTestClient, type TestClient } from '../../support/registry/client.ts';
import { sampleFetcher } from '../../support/samples/sample-fetcher.ts';
import { sampleImage } from '../../support/samples/sample-image.ts';

/** Images as lists have them: few bases, many names. */
const images = Array.from({ length: 20 }, (_, index) => ({
  repository: `team/image-${index}`,
  image: sampleImage({ name: `image ${index}`, layers: 1, sharedLayers: ['base', `base ${index % 3}`] }),
}));

describe('a list of images with shared layers', () => {
  it('has each blob uploaded once, whatever the number of repositories', async () => {
    await using registry = await startRegistry();
    await using client = openTestClient();
    await pushAll(client, registry.host);
    const blobs = new Set(
      images.flatMap(({ image }) => image.blobs.map(({ descriptor }) => descriptor.digest)),
    );
    expect(registry.log.count('PUT upload')).toBe(blobs.size);
    expect(registry.log.count('POST upload', /mount=/)).toBe(19 + 17);
    expect(registry.log.count('PUT manifest')).toBe(40);
  });

  it('costs one HEAD and one tag each the second time', async () => {
    await using registry = await startRegistry();
    await using client = openTestClient();
    await pushAll(client, registry.host);
    registry.log.clear();
    await pushAll(client, registry.host);
    expect(registry.log.count('HEAD manifest')).toBe(20);
    expect(registry.log.count('PUT manifest')).toBe(20);
    expect(registry.log.entries).toHaveLength(40);
  });

  it('arrives all the same where nothing can be mounted', async () => {
    await using registry = await startRegistry({ mounts: false });
    await using client = openTestClient();
    await pushAll(client, registry.host);
    for (const { repository, image } of images)
      expect(await client.open(registry.host).repository(repository).resolve('v1')).toEqual(image.root);
  });
});

async function pushAll(client: TestClient, host: string): Promise<void> {
  const shared = { gate: new Gate(6), ledger: new Ledger() };
  await Promise.all(
    images.map(async ({ repository, image }) => {
      const to = client.open(host).repository(repository);
      const from = sampleFetcher(image);
      await copyGraph(image.root, { from, to, repository, ...shared });
      await to.tag(image.root, from, 'v1');
    }),
  );
}
