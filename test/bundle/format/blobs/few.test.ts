import { describe, expect, it } from 'vitest';
import { FewBlobs } from '../../../../src/bundle/format/blobs/few.ts';
import type { PlannedBlob } from '../../../../src/bundle/format/item.ts';
import { digestOf } from '../../../../src/oci/digest.ts';

const origin = { type: 'url', url: 'https://files.test/x' } as const;

function blobOf(text: string, details: { readonly urls?: readonly string[] } = {}): PlannedBlob {
  const descriptor = {
    mediaType: `application/${text}`,
    digest: digestOf(text),
    size: text.length,
    ...details,
  };
  return { descriptor, origin };
}

describe('the blobs of an item', () => {
  it.each([
    ['none', []],
    ['plain ones', [blobOf('a'), blobOf('bb')]],
    ['one that says where else it is', [blobOf('a'), blobOf('bb', { urls: ['https://layers.test/'] })]],
  ])('are given back as they came: %s', (_what, blobs) => {
    expect([...new FewBlobs(blobs)]).toEqual(blobs);
  });

  it('are found from the end as in an array', () => {
    const blobs = [blobOf('a'), blobOf('bb')];
    const few = new FewBlobs(blobs);
    expect([few.at(-1), few.at(-2), few.at(-3), few.at(2)]).toEqual([
      blobs[1],
      blobs[0],
      undefined,
      undefined,
    ]);
    expect(few.at(0)?.origin).toBe(origin);
  });
});
