import { deltaOf } from '../../../src/bundle/plan/delta.ts';
import type { Counterpart } from '../../../src/bundle/plan/delta.ts';
import { inventoryOf } from '../../../src/bundle/inventory.ts';
import type { BundlePlan } from '../../../src/bundle/plan/plan.ts';
import { plannedFile, plannedImage, type PlannedSample } from '../planned/items.ts';
import { packPlan, type SampleBundle, sampleBundle } from './sample-bundle.ts';
import { incompressibleBytes } from './sample-image.ts';

/** The first bundle, of which some stays as it is in {@link NEWER}. */
export const OLDER: readonly PlannedSample[] = [
  plannedImage('docker.io/rancher/rancher:v2.9.2', { sharedLayers: ['base'], layerBytes: 3000 }),
  plannedFile('tool.bin', incompressibleBytes('tool', 5001)),
  plannedFile('gone.bin', incompressibleBytes('gone', 4001)),
];

/** A newer image on the same base layer, a file that stays, one that is new. */
export const NEWER: readonly PlannedSample[] = [
  plannedImage('docker.io/rancher/rancher:v2.10.0', { sharedLayers: ['base'], layerBytes: 3000 }),
  plannedFile('tool.bin', incompressibleBytes('tool', 5001)),
  plannedFile('new.bin', incompressibleBytes('new', 6001)),
];

/** Returns what a plan has, as the other side. */
export function counterpartOf(plan: BundlePlan): Counterpart {
  const { root, name, blobs, requires } = inventoryOf(plan);
  return { root, name, requires, has: (digest) => blobs.has(digest) };
}

/** Returns the bundle of `samples` without what `older` has. */
export function sampleDelta(
  older: SampleBundle = sampleBundle(OLDER),
  samples: readonly PlannedSample[] = NEWER,
): SampleBundle {
  return packPlan(deltaOf(sampleBundle(samples).plan, [counterpartOf(older.plan)]), samples);
}
