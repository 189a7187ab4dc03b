import { describe, expect, it } from 'vitest';
import type { Item } from '../../../src/bundle/format/item.ts';
import { nameImages } from '../../../src/targets/registry/images.ts';
import { plannedImage, type PlannedSample } from '../../support/planned/items.ts';
import { bundleOf } from '../../support/samples/target-samples.ts';
import { problemsIn } from '../../support/failure.ts';
import { thrownBy } from '../../support/thrown.ts';

const HOST = 'registry.lab';

describe('the names of images at a registry', () => {
  it('are all that were written, and a signature has each of them beside it', async () => {
    const image = plannedImage('docker.io/library/busybox:1');
    const spellings = ['busybox:1', 'library/busybox:1'];
    const spelled = withItem(image, { ...image.planned.item, kind: 'image', spellings });
    const other = plannedImage('docker.io/library/busybox:sha256-1.sig', { name: 'signature' });
    const subject = image.planned.item.descriptor.digest;
    const signature = withItem(other, { ...other.planned.item, kind: 'signature', subject });
    const named = await nameImages(await bundleOf([spelled, signature]), { host: HOST });
    expect(named.map(({ name }) => name)).toEqual([
      `${HOST}/rancher/busybox:1`,
      `${HOST}/library/busybox:1`,
      `${HOST}/rancher/busybox:sha256-1.sig`,
      `${HOST}/library/busybox:sha256-1.sig`,
    ]);
  });

  it.each([
    [{ naming: 'strip' }, 'naming "full"'],
    [{ naming: 'full', rewrites: [{ pattern: /^ghcr\.io/, replacement: 'quay.io' }] }, '--rewrite'],
    [{ naming: 'strip', rewrites: [{ pattern: /^x/, replacement: 'y' }] }, '--rewrite'],
  ] as const)('that are one and the same by %j are refused, with a way out', async (naming, way) => {
    const bundle = await bundleOf([plannedImage('quay.io/a/b:1'), plannedImage('ghcr.io/a/b:1')]);
    const error = await thrownBy(nameImages(bundle, { host: HOST, ...naming }));
    expect([error.hint, ...problemsIn(error)].join('\n')).toContain(way);
  });
});

function withItem(sample: PlannedSample, item: Item): PlannedSample {
  return { ...sample, planned: { ...sample.planned, item } };
}
