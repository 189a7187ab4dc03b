import { expect, it } from 'vitest';
import type { Registry } from '../../../src/oci/roles.ts';
import { registryTarget } from '../../../src/targets/registry/registry.ts';
import { plannedImage } from '../../support/planned/items.ts';
import { memoryRegistries } from '../../support/registry/memory-registry.ts';
import { bundleOf } from '../../support/samples/target-samples.ts';
import { thrownBy } from '../../support/thrown.ts';

const IMAGES = [
  plannedImage('docker.io/rancher/small:1', { layers: 3 }),
  plannedImage('docker.io/rancher/large:1', { layers: 4 }),
  plannedImage('docker.io/rancher/many:1', { layers: 4, platforms: ['linux/amd64', 'linux/arm64'] }),
];

it('an image of more layers than the registry takes is told when it is planned, all of them at once', async () => {
  const bundle = await bundleOf(IMAGES);
  const registry: Registry = { ...memoryRegistries({}).registryOf('registry.lab'), layerLimit: 3 };
  const error = await thrownBy(Promise.resolve(registryTarget(bundle, { registry }).plan()));
  expect(error.code).toBe('ERR_TARGET_REFUSED');
  expect(error.message).toBe(
    'Cannot push 2 images to "registry.lab": it takes 3 layers in an image at most ("registry.lab/rancher/large:1" with 4, "registry.lab/rancher/many:1" with 4)',
  );
});

it.each([4, undefined])('one of as many layers as it takes is pushed, of %s', async (layerLimit) => {
  const bundle = await bundleOf(IMAGES);
  const registry: Registry = { ...memoryRegistries({}).registryOf('registry.lab'), layerLimit };
  expect(await registryTarget(bundle, { registry }).plan()).toHaveLength(3);
});
