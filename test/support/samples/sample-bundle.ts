import { layoutTar } from '../../../src/archive/tar/layout.ts';
import type { FramedLayout } from '../../../src/archive/layout.ts';
import { type BundlePlan, planBundle } from '../../../src/bundle/plan/plan.ts';
import { blobPath } from '../../../src/bundle/format/layout.ts';
import { plannedFile, plannedImage, plannedK3s, type PlannedSample } from '../planned/items.ts';
import { incompressibleBytes } from './sample-image.ts';

/** A bundle in memory: its plan, its files in archive order, and the tar of them. */
export interface SampleBundle {
  readonly plan: BundlePlan;
  readonly files: ReadonlyMap<string, Uint8Array>;
  readonly layout: FramedLayout;
  readonly tar: Buffer;
}

/** Two images that share a layer, one of them an index; a K3s release; a file of no bytes and one of some. */
export const SAMPLES: readonly PlannedSample[] = [
  plannedImage('docker.io/rancher/rancher:v2.9.2', { sharedLayers: ['base'], layerBytes: 2000 }),
  plannedImage('docker.io/library/busybox:1.36', {
    platforms: ['linux/amd64', 'linux/arm64'],
    sharedLayers: ['base'],
    layerBytes: 2000,
  }),
  plannedK3s('v1.30.6+k3s1'),
  plannedFile('empty.txt', Buffer.alloc(0)),
  plannedFile('tool.bin', incompressibleBytes('tool', 5001)),
];

/** Returns a bundle of the samples, all of it in memory. */
export function sampleBundle(samples: readonly PlannedSample[] = SAMPLES): SampleBundle {
  const plan = planBundle(
    'lab',
    samples.map(({ planned }) => planned),
  );
  return packPlan(plan, samples);
}

/** Returns the bundle of a plan whose content is that of the samples. */
export function packPlan(plan: BundlePlan, samples: readonly PlannedSample[]): SampleBundle {
  const contents = new Map(
    samples.flatMap((sample) => sample.contents).map(({ descriptor, bytes }) => [descriptor.digest, bytes]),
  );
  const files = new Map<string, Uint8Array>([
    ...plan.files.map(({ path, bytes }) => [path, bytes] as const),
    ...plan.blobs.map(
      ({ descriptor: { digest } }) => [blobPath(digest), contents.get(digest) ?? Buffer.alloc(0)] as const,
    ),
  ]);
  return { plan, files, ...packTar(files) };
}

/** Returns the tar that a build would write of these files. */
export function packTar(files: ReadonlyMap<string, Uint8Array>): { layout: FramedLayout; tar: Buffer } {
  const layout = layoutTar([...files].map(([path, { length }]) => ({ path, size: length })));
  const tar = Buffer.alloc(layout.size);
  for (const { position, bytes } of layout.frame()) tar.set(bytes, position);
  for (const { path, position } of layout.entries) tar.set(files.get(path) ?? [], position);
  return { layout, tar };
}
