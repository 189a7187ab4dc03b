import { describePull } from '../contracts/pull.ts';
import { plannedImage } from '../support/planned/items.ts';
import { startRegistry } from '../support/registry/registry.ts';
import { startServing } from '../support/sites/serving.ts';

describePull('the stand-in of our tests', async (images) => {
  const registry = await startRegistry();
  for (const { repository, image, tag } of images) await registry.seed(repository, image, tag);
  return registry;
});

describePull('a bundle that is served', async (images) => {
  const samples = images.map(({ repository, tag, image }) => {
    const name = `docker.io/${repository}:${tag}`;
    const { planned } = plannedImage(name);
    const contents = [...image.blobs, ...image.manifests];
    const blobs = contents.map(({ descriptor, bytes }) => ({
      descriptor,
      origin: { type: 'bytes', bytes } as const,
    }));
    return { planned: { item: { ...planned.item, descriptor: image.root }, blobs }, contents };
  });
  return await startServing({ bundles: [samples] });
});
