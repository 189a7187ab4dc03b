import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Filesystem } from '../../../src/disk/filesystem.ts';
import { type BundlePlan, planBundle } from '../../../src/bundle/plan/plan.ts';
import type { Shape } from '../../../src/bundle/shape.ts';
import { writeBundle, type WriteResult } from '../../../src/bundle/write/write.ts';
import { type Digest, digestOf } from '../../../src/oci/digest.ts';
import { plannedFile, plannedImage, type PlannedSample, sampleSource } from '../planned/items.ts';
import { incompressibleBytes } from './sample-image.ts';

/** Content that is larger than several volumes, some that is not, and none. */
export const SHAPE_SAMPLES: readonly PlannedSample[] = [
  plannedFile('large.bin', incompressibleBytes('large', 5_000_000)),
  plannedFile('second.bin', incompressibleBytes('second', 1_300_000)),
  plannedFile('empty.txt', Buffer.alloc(0)),
  plannedImage('docker.io/rancher/rancher:v2.9.2', { layers: 2, layerBytes: 200_000 }),
];

/** Digest of the largest of them. */
export const LARGE: Digest = digestOf(incompressibleBytes('large', 5_000_000));

export const SHAPE_PLAN: BundlePlan = planBundle(
  'lab',
  SHAPE_SAMPLES.map(({ planned }) => planned),
);

/** Small enough that the largest content lies in several volumes, and some volumes in nothing else (bytes). */
export const VOLUME = 700_001;

/** Every shape there is, by the name of an output that has it. */
export const SHAPES: readonly (readonly [name: string, shape: Shape])[] = [
  ['lab.tar', { form: 'tar' }],
  ['lab.tar', { form: 'tar', volumeSize: VOLUME }],
  ['lab.zip', { form: 'zip' }],
  ['lab.zip', { form: 'zip', volumeSize: VOLUME }],
  ['lab', { form: 'dir' }],
  ['lab', { form: 'dir', volumeSize: VOLUME }],
];

/** A filesystem like that of a stick, wherever the tests run. */
export const STICK: Filesystem = { name: 'exFAT', fillsGaps: true };

/** Writes the samples in a shape and returns how it went. */
export async function writeShape(
  folder: string,
  [name, shape]: readonly [name: string, shape: Shape],
  options: { readonly filesystem?: Filesystem; readonly concurrency?: number } = {},
): Promise<WriteResult> {
  return await writeBundle(SHAPE_PLAN, sampleSource(SHAPE_SAMPLES), {
    path: join(folder, name),
    shape,
    ...options,
  });
}

/** Returns the digest of every file under a folder, by path. */
export function snapshot(folder: string): Readonly<Record<string, Digest>> {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return Object.fromEntries(
    entries
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .toSorted()
      .map((path) => [path.slice(folder.length + 1), digestOf(readFileSync(path))]),
  );
}
