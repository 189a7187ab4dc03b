import { describe, expect, it } from 'vitest';
import { digestOf } from '../../../src/oci/digest.ts';
import { compareDigests, requireDigests } from '../../../src/sources/images/check-digests.ts';
import { sampleImage } from '../../support/samples/sample-image.ts';
import { startBench } from '../../support/sites/source-context.ts';
import { problemsOf } from '../../support/thrown.ts';

const ONE = sampleImage({ name: 'one' });
const OTHER = digestOf('other');
const IMAGES = { 'rancher/one:1': ONE, 'rancher/two:1': ONE };

describe('a list of digests of one’s own', () => {
  it('is met by images that are what it says, and says nothing about others', async () => {
    await using bench = await startBench({ images: IMAGES });
    const digests = new Map([
      ['docker.io/rancher/one:1', ONE.root.digest],
      ['docker.io/rancher/absent:1', OTHER],
    ]);
    await expect(
      requireDigests(['rancher/one:1', 'rancher/two:1', 'NO REFERENCE'], digests, bench.context),
    ).resolves.toBe(undefined);
  });

  it('refuses every image that is something else', async () => {
    await using bench = await startBench({ images: IMAGES });
    const digests = new Map([
      ['docker.io/rancher/one:1', OTHER],
      ['docker.io/rancher/two:1', OTHER],
    ]);
    expect(
      await problemsOf(requireDigests(['rancher/one:1', 'rancher/two:1'], digests, bench.context)),
    ).toEqual(
      ['one', 'two'].map(
        (name) =>
          `ERR_DIGEST_MISMATCH Cannot accept image "docker.io/rancher/${name}:1": expected "${OTHER}", found "${ONE.root.digest}"`,
      ),
    );
  });

  it('leaves it to others to tell of an image that is not there', async () => {
    await using bench = await startBench();
    const digests = new Map([['docker.io/rancher/one:1', OTHER]]);
    await expect(requireDigests(['rancher/one:1'], digests, bench.context)).resolves.toBe(undefined);
  });
});

describe('the digests that a release was published with', () => {
  it('are worth a warning when a tag was moved since', async () => {
    await using bench = await startBench({ images: IMAGES });
    const release = { name: 'Rancher v2.9.2', digests: new Map([['docker.io/rancher/one:1', OTHER]]) };
    await compareDigests(['rancher/one:1', 'rancher/two:1'], release, bench.context);
    expect(bench.warnings.map(({ message }) => message)).toEqual([
      `Image "docker.io/rancher/one:1" is no longer what Rancher v2.9.2 was released with: expected "${OTHER}", found "${ONE.root.digest}"`,
    ]);
  });
});
