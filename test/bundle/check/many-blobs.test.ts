import { expect, it } from 'vitest';
import { filesOfPlan } from '../../../scripts/examples/content.ts';
import { memoryArchive } from '../../../src/archive/memory.ts';
import { checkBundle } from '../../../src/bundle/check/check.ts';
import { readBundle } from '../../../src/bundle/open.ts';
import { planBundle } from '../../../src/bundle/plan/plan.ts';
import { COUNT_LIMIT } from '../../../src/oci/graph.ts';
import { encodeDescriptor } from '../../../src/oci/descriptor.ts';
import { digestOf } from '../../../src/oci/digest.ts';
import { MEDIA_TYPE } from '../../../src/oci/media-type.ts';
import type { PlannedSample } from '../../support/planned/items.ts';

type Content = PlannedSample['contents'][number];

function contentOf(mediaType: string, value: unknown): Content {
  const bytes = Buffer.from(JSON.stringify(value));
  return { descriptor: { mediaType, digest: digestOf(bytes), size: bytes.length }, bytes };
}

/** Returns an image of an index, of manifests with this many layers in all, and of one config. */
function imageOf(layerCount: number): PlannedSample {
  const config = contentOf(MEDIA_TYPE.ociConfig, {});
  const layers = Array.from({ length: layerCount }, (_, at) => contentOf(MEDIA_TYPE.ociLayer, at));
  const perManifest = 20_000;
  const manifests = Array.from({ length: Math.ceil(layerCount / perManifest) }, (_, at) =>
    contentOf(MEDIA_TYPE.ociManifest, {
      schemaVersion: 2,
      config: encodeDescriptor(config.descriptor),
      layers: layers
        .slice(at * perManifest, (at + 1) * perManifest)
        .map((layer) => encodeDescriptor(layer.descriptor)),
    }),
  );
  const list = manifests.map(({ descriptor }) => encodeDescriptor(descriptor));
  const root = contentOf(MEDIA_TYPE.ociIndex, { schemaVersion: 2, manifests: list });
  const contents = [config, ...layers, ...manifests, root];
  const blobs = contents.map(({ descriptor, bytes }) => ({
    descriptor,
    origin: { type: 'bytes', bytes } as const,
  }));
  const item = {
    kind: 'image',
    name: 'quay.io/lab/large:1',
    descriptor: root.descriptor,
    audience: ['registry'],
  } as const;
  return { planned: { item, blobs }, contents };
}

it(
  'an item of too many blobs is one problem, and ends nothing else [B-ITEM-9]',
  { timeout: 240_000 },
  async () => {
    const sample = imageOf(COUNT_LIMIT);
    const files = filesOfPlan(planBundle('lab', [sample.planned]), [sample]);
    await using bundle = await readBundle(memoryArchive(files), { path: 'lab' });
    const found = await checkBundle(bundle);
    expect(found).toHaveLength(1);
    expect(found[0]?.message).toContain(`more than ${COUNT_LIMIT}`);
  },
);
