import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { blobPath } from '../../../src/bundle/format/layout.ts';
import { openBundle } from '../../../src/bundle/open.ts';
import { ProblemsError } from '../../../src/internal/problems.ts';
import type { Digest } from '../../../src/oci/digest.ts';
import { requireIntact } from '../../../src/steps/require-intact.ts';
import { inspectBundle } from '../../../src/verbs/inspect.ts';
import { repairBundle } from '../../../src/verbs/repair.ts';
import { verifyBundle } from '../../../src/verbs/verify.ts';
import { damageBlob } from '../../support/archives/damage.ts';
import { plannedImage } from '../../support/planned/items.ts';
import { sampleBundle, SAMPLES } from '../../support/samples/sample-bundle.ts';
import { NOBODY } from '../../support/surroundings.ts';
import { temporaryFolder } from '../../support/temporary.ts';
import { thrownBy } from '../../support/thrown.ts';

const CROWD = [1, 2, 3, 4, 5].map((number) =>
  plannedImage(`registry.lab/app:${number}`, { sharedLayers: ['base'], layerBytes: 2000 }),
);
const [RANCHER, BUSYBOX, , , TOOL] = SAMPLES;

/** Writes a bundle with one damaged blob, and returns its path. */
async function damaged(digest: Digest | undefined, samples = SAMPLES): Promise<string> {
  const folder = temporaryFolder();
  onTestFinished(() => folder[Symbol.dispose]());
  const path = join(folder.path, 'lab.tar');
  writeFileSync(path, sampleBundle(samples).tar);
  if (digest !== undefined) await damageBlob(path, digest);
  return path;
}

/** The blob that only this sample has, or the one that all have. */
function layerOf(samples: typeof SAMPLES, isShared: boolean): Digest | undefined {
  const [first, second] = samples;
  const others = new Set(second?.contents.map(({ descriptor }) => descriptor.digest));
  return first?.contents.find(
    ({ descriptor: { digest, size } }) => size > 1500 && others.has(digest) === isShared,
  )?.descriptor.digest;
}

describe('damage', () => {
  it.each([
    ['a layer', layerOf(SAMPLES, false), 'image "docker.io/rancher/rancher:v2.9.2"'],
    ['a file', TOOL?.contents.at(-1)?.descriptor.digest, 'file "tool.bin"'],
    [
      'a layer that two images share',
      layerOf(SAMPLES, true),
      'image "docker.io/rancher/rancher:v2.9.2" and image "docker.io/library/busybox:1.36"',
    ],
    ['a manifest', RANCHER?.planned.item.descriptor.digest, 'image "docker.io/rancher/rancher:v2.9.2"'],
    ['an index', BUSYBOX?.planned.item.descriptor.digest, 'image "docker.io/library/busybox:1.36"'],
  ])('of %s is told with what it belongs to', async (_, digest, owner) => {
    const path = await damaged(digest);
    const { problems } = await verifyBundle({ path }, NOBODY);
    expect(problems[0]).toMatchObject({
      code: 'ERR_DIGEST_MISMATCH',
      path: digest === undefined ? '' : blobPath(digest),
      message: expect.stringContaining(
        `Cannot verify "${blobPath(digest ?? failed())}" of ${sorted(owner)}: `,
      ),
    });
  });

  it('of what many items need names the first, and counts the others', async () => {
    const path = await damaged(layerOf(CROWD, true), CROWD);
    const { problems } = await verifyBundle({ path }, NOBODY);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatchObject({
      message: expect.stringMatching(
        / of (?:image "registry\.lab\/app:\d", ){2}image "registry\.lab\/app:\d" and 2 more items: /,
      ),
      items: Array.from({ length: 3 }, () => ({ kind: 'image' })),
    });
  });

  it('is told in the same words by an install, a repair and an inspection', async () => {
    const path = await damaged(layerOf(SAMPLES, false));
    await using bundle = await openBundle(path);
    const told = ' of image "docker.io/rancher/rancher:v2.9.2": ';
    for (const attempt of [requireIntact(bundle), repairBundle({ path, patches: [] }, NOBODY)]) {
      const error = await thrownBy(attempt);
      expect(error).toBeInstanceOf(ProblemsError);
      expect(error).toMatchObject({ problems: [{ message: expect.stringContaining(told) }] });
    }
    const other = await damaged(RANCHER?.planned.item.descriptor.digest);
    expect((await thrownBy(inspectBundle({ path: other }, NOBODY))).message).toContain(told);
  });
});

function failed(): never {
  throw new Error('there is no such blob');
}

/** Items are in the order of the bundle. */
function sorted(owners: string): string {
  return owners
    .split(' and ')
    .sort((left, right) => (left < right ? -1 : 1))
    .join(' and ');
}
