import { describe, expect, it } from 'vitest';
import { filesOfPlan } from '../../../scripts/examples/content.ts';
import { memoryArchive } from '../../../src/archive/memory.ts';
import { checkBundle } from '../../../src/bundle/check/check.ts';
import { readBundle } from '../../../src/bundle/open.ts';
import { planBundle } from '../../../src/bundle/plan/plan.ts';
import { encodeDescriptor } from '../../../src/oci/descriptor.ts';
import { digestOf } from '../../../src/oci/digest.ts';
import { MEDIA_TYPE } from '../../../src/oci/media-type.ts';
import type { PlannedSample } from '../../support/planned/items.ts';

type Content = PlannedSample['contents'][number];

/** As large as a manifest may be (bytes). */
const LARGEST = 4 * 1024 ** 2;

function contentOf(mediaType: string, bytes: Uint8Array): Content {
  return { descriptor: { mediaType, digest: digestOf(bytes), size: bytes.length }, bytes };
}

/** Returns a manifest of exactly {@link LARGEST} bytes: all of its length is in an annotation. */
function largeManifest(config: Content): Content {
  const withNote = (note: string): Buffer =>
    Buffer.from(
      JSON.stringify({
        schemaVersion: 2,
        config: encodeDescriptor(config.descriptor),
        layers: [],
        annotations: { note },
      }),
    );
  const length = LARGEST - withNote('').length;
  return contentOf(MEDIA_TYPE.ociManifest, withNote('x'.repeat(length)));
}

/** Returns how many problems a bundle has with this many images of one manifest, and what the first says. */
async function problemsOf(images: number): Promise<readonly string[]> {
  const config = contentOf(MEDIA_TYPE.ociConfig, Buffer.from('{}'));
  const contents = [config, largeManifest(config)];
  const blobs = contents.map(({ descriptor, bytes }) => ({
    descriptor,
    origin: { type: 'bytes', bytes } as const,
  }));
  const samples = Array.from({ length: images }, (_, at): PlannedSample => {
    const item = {
      kind: 'image',
      name: `quay.io/lab/large:${at}`,
      descriptor: contents[1]?.descriptor ?? config.descriptor,
      audience: ['registry'],
    } as const;
    return { planned: { item, blobs }, contents };
  });
  const plan = planBundle(
    'lab',
    samples.map(({ planned }) => planned),
  );
  await using bundle = await readBundle(memoryArchive(filesOfPlan(plan, samples)), { path: 'lab' });
  return (await checkBundle(bundle)).map(({ message }) => message);
}

describe('images that share one manifest', { timeout: 240_000 }, () => {
  it('are taken as long as reading it for each comes to 2 GiB [B-ITEM-9]', async () => {
    expect(await problemsOf(512)).toEqual([]);
  });

  it('are refused from the one on that leads beyond [B-ITEM-9]', async () => {
    expect(await problemsOf(513)).toEqual([expect.stringContaining('more than 2.0 GiB')]);
  });
});
