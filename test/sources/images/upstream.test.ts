import { describe, expect, it } from 'vitest';
import { digestOf } from '../../../src/oci/digest.ts';
import { MEDIA_TYPE } from '../../../src/oci/media-type.ts';
import { parseReference } from '../../../src/oci/reference.ts';
import { createImageUpstream } from '../../../src/sources/images/upstream.ts';
import { SINGLE } from '../../support/samples/image-bench.ts';
import { memoryRegistries } from '../../support/registry/memory-registry.ts';
import { hintsOf, thrownBy } from '../../support/thrown.ts';

const REFERENCE = parseReference('lab/app:1');

describe('createImageUpstream', () => {
  it('asks each question once, however many ask it', async () => {
    const { registryOf, asked } = memoryRegistries({ 'lab/app:1': SINGLE });
    const upstream = createImageUpstream(registryOf);
    const roots = await Promise.all([upstream.resolve(REFERENCE), upstream.resolve(REFERENCE)]);
    expect(roots).toEqual([SINGLE.root, SINGLE.root]);
    await Promise.all([upstream.document(REFERENCE, SINGLE.root), upstream.document(REFERENCE, SINGLE.root)]);
    expect(asked).toEqual(['resolve docker.io/lab/app 1', `fetch ${SINGLE.root.digest}`]);
  });

  it('asks by digest when a reference has one, whatever its tag', async () => {
    const { registryOf, asked } = memoryRegistries({ 'lab/app:1': SINGLE });
    const { digest } = SINGLE.root;
    await createImageUpstream(registryOf).resolve(parseReference(`lab/app:gone@${digest}`));
    expect(asked).toEqual([`resolve docker.io/lab/app ${digest}`]);
  });

  it('names the image that is not there', async () => {
    const upstream = createImageUpstream(memoryRegistries({}).registryOf);
    const error = await thrownBy(upstream.resolve(REFERENCE));
    expect([error.code, error.message]).toEqual([
      'ERR_UPSTREAM_NOT_FOUND',
      'Cannot find image "docker.io/lab/app:1": "docker.io" does not have it',
    ]);
    expect(await hintsOf(upstream.resolve(REFERENCE))).toEqual([
      expect.stringContaining('Check its name and tag'),
    ]);
  });

  it('hands on nothing that is not what its digest says', async () => {
    const upstream = createImageUpstream(memoryRegistries({ 'lab/app:1': SINGLE }).registryOf);
    const wrong = { ...SINGLE.root, digest: digestOf('other'), size: 4 };
    expect((await thrownBy(upstream.document(REFERENCE, wrong))).code).toBe('ERR_DIGEST_MISMATCH');
  });

  it.each([
    ['a manifest', MEDIA_TYPE.ociManifest, 4 * 1024 * 1024],
    ['a config', MEDIA_TYPE.ociConfig, 8 * 1024 * 1024],
  ])('reads no larger %s into memory than its ceiling', async (_, mediaType, limit) => {
    const upstream = createImageUpstream(memoryRegistries({}).registryOf);
    const error = await thrownBy(
      upstream.document(REFERENCE, { mediaType, digest: digestOf('x'), size: limit + 1 }),
    );
    expect(error.message).toContain(`more than the ${limit} allowed`);
  });
});
