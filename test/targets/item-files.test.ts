import { describe, expect, it } from 'vitest';
import { onlyFileOf } from '../../src/targets/item-files.ts';
import { artifactSample, bundleOf } from '../support/samples/target-samples.ts';
import { thrownBy } from '../support/thrown.ts';

const FILES = ['a', 'b'].map((name) => ({ name, bytes: Buffer.from(name) }));

describe('the one file of an item', () => {
  it('is the one that it has', async () => {
    const bundle = await bundleOf([sample(1)]);
    for (const item of bundle.document.items)
      expect(await onlyFileOf(bundle, item)).toMatchObject({ name: 'a' });
  });

  it.each([0, 2])('is none of %s', async (count) => {
    const bundle = await bundleOf([sample(count)]);
    expect(bundle.document.items).toHaveLength(1);
    for (const item of bundle.document.items)
      expect(await thrownBy(onlyFileOf(bundle, item))).toMatchObject({
        code: 'ERR_BUNDLE_INVALID',
        message: expect.stringContaining(`found ${count}`),
      });
  });
});

function sample(count: number) {
  return artifactSample({ kind: 'rancher', name: 'v2.9.2', audience: ['files'] }, FILES.slice(0, count));
}
