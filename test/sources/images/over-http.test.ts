import { describe, expect, it } from 'vitest';
import { collectBytes } from '../../../src/internal/bytes.ts';
import { verified } from '../../../src/oci/verified.ts';
import { createRegistryClient } from '../../../src/registry/client.ts';
import { createImageUpstream } from '../../../src/sources/images/upstream.ts';
import { resolveImages } from '../../../src/sources/images/images.ts';
import { imageContext, orderFaults } from '../../support/samples/image-bench.ts';
import { startRegistry } from '../../support/registry/registry.ts';
import { sampleImage } from '../../support/samples/sample-image.ts';
import { sampleIndex } from '../../support/samples/sample-index.ts';
import { impatientClient } from '../../support/sites/source-context.ts';
import { hintsOf, problemsOf } from '../../support/thrown.ts';

describe('images of a registry over HTTP', () => {
  it('are resolved with a few small requests, and every blob can then be fetched from its origin', async () => {
    await using registry = await startRegistry();
    await using http = impatientClient();
    const platforms = ['linux/amd64', 'linux/arm64', 'linux/s390x'];
    await registry.seed('lab/app', sampleImage({ platforms }), '1');
    const client = createRegistryClient({ http });
    const context = imageContext(createImageUpstream((host) => client.open(host)));
    const part = { images: [`${registry.host}/lab/app:1`], listed: [], platforms: platforms.slice(1) };
    const [planned] = await resolveImages(part, context);
    if (planned === undefined) throw new Error('expected one image');
    expect(planned.item).toMatchObject({ name: `${registry.host}/lab/app:1`, platforms: platforms.slice(1) });
    expect(orderFaults(planned)).toEqual([]);
    expect(registry.log.count('GET blob')).toBe(0);
    for (const { descriptor, origin } of planned.blobs) {
      if (origin.type !== 'registry') continue;
      const repository = client.open(origin.reference.registry).repository(origin.reference.repository);
      await collectBytes(verified(repository.fetch(descriptor), descriptor), {
        limit: descriptor.size,
        onExcess: () => new Error('too large'),
      });
    }
    expect(registry.log.count('GET blob')).toBe(6);
  });

  it('are named when the registry does not have them', async () => {
    await using registry = await startRegistry();
    await using http = impatientClient();
    const client = createRegistryClient({ http });
    const context = imageContext(createImageUpstream((host) => client.open(host)));
    const images = [`${registry.host}/lab/gone:1`, `${registry.host}/lab/gone:2`];
    expect(await problemsOf(resolveImages({ images, listed: [] }, context))).toEqual(
      images.map(
        (image) => `ERR_UPSTREAM_NOT_FOUND Cannot find image "${image}": "${registry.host}" does not have it`,
      ),
    );
  });

  const kept = sampleImage({ name: 'kept' });
  const lost = sampleImage({ name: 'lost' });
  const unknown = { os: 'unknown', architecture: 'unknown' };
  it.each([
    ['an attestation', { image: lost, platform: unknown }],
    ['a part without a platform', { image: lost }],
    ['an index of attestations', { image: sampleIndex([{ image: lost, platform: unknown }]) }],
    ['an image for another platform', { image: lost, platform: { os: 'linux', architecture: 's390x' } }],
  ])('whose registry lost %s are named with a hint, and following it helps', async (_what, entry) => {
    await using registry = await startRegistry();
    await using http = impatientClient();
    const source = sampleIndex([{ image: kept, platform: { os: 'linux', architecture: 'amd64' } }, entry]);
    const gone = entry.image.root.digest;
    const manifests = source.manifests.filter(({ descriptor }) => descriptor.digest !== gone);
    await registry.seed('lab/app', { ...source, manifests }, '1');
    const client = createRegistryClient({ http });
    const name = `${registry.host}/lab/app:1`;
    const resolve = async (platforms?: readonly string[]) =>
      await resolveImages(
        { images: [name], listed: [], platforms },
        imageContext(createImageUpstream((host) => client.open(host))),
      );
    expect(await problemsOf(resolve())).toEqual([
      expect.stringMatching(new RegExp(`^ERR_UPSTREAM_NOT_FOUND Cannot resolve image "${name}": .*${gone}`)),
    ]);
    expect(await hintsOf(resolve())).toEqual([expect.stringContaining('give "platforms"')]);
    const [planned] = await resolve(['linux/amd64']);
    expect(planned?.item.descriptor.digest).toBe(kept.root.digest);
  });
});
