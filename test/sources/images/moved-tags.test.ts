import { describe, expect, it } from 'vitest';
import { resolveFrom } from '../../support/samples/image-bench.ts';
import { sampleImage } from '../../support/samples/sample-image.ts';

const old = sampleImage({ name: 'before the tag was moved' });
const now = sampleImage({ name: 'after the tag was moved' });
const other = sampleImage({ name: 'other' });
const PINNED = `registry.lab/g/p:v1@${old.root.digest}`;

describe('one tag with two digests', () => {
  it.each<[string, readonly string[]]>([
    ['a digest beside the tag', [PINNED, 'registry.lab/g/p:v1']],
    ['two digests', [PINNED, `registry.lab/g/p:v1@${other.root.digest}`]],
  ])('is told when the bundle is built: %s', async (_what, images) => {
    const { items, warnings } = await resolveFrom(
      { 'registry.lab/g/p:v1': now, 'registry.lab/g/p:old': old, 'registry.lab/g/p:other': other },
      { images },
    );
    expect(items).toHaveLength(2);
    expect(warnings).toEqual([
      expect.stringContaining('"registry.lab/g/p:v1" stands for 2 images in this bundle'),
    ]);
  });

  it.each<[string, readonly string[]]>([
    ['the digest is the tag’s', [`registry.lab/g/p:v1@${now.root.digest}`, 'registry.lab/g/p:v1']],
    ['no tag is given beside the digest', [`registry.lab/g/p@${old.root.digest}`, 'registry.lab/g/p:v1']],
    ['the tags are two', ['registry.lab/g/p:old', 'registry.lab/g/p:v1']],
  ])('is nothing to tell when %s', async (_what, images) => {
    const { warnings } = await resolveFrom(
      { 'registry.lab/g/p:v1': now, 'registry.lab/g/p:old': old },
      { images },
    );
    expect(warnings).toEqual([]);
  });
});
