import { setTimeout as pause } from 'node:timers/promises';
import { planBundle, type BundlePlan } from '../../../src/bundle/plan/plan.ts';
import type { Shape } from '../../../src/bundle/shape.ts';
import { writeBundle } from '../../../src/bundle/write/write.ts';
import type { ByteStream } from '../../../src/internal/bytes.ts';
import { plannedFile, plannedImage, type PlannedSample, sampleSource } from '../planned/items.ts';
import { incompressibleBytes } from '../samples/sample-image.ts';

/** What the slow build builds, for whoever continues it. */
export const SLOW_SAMPLES: readonly PlannedSample[] = [
  plannedFile('large.bin', incompressibleBytes('large', 8_000_000)),
  plannedImage('docker.io/rancher/rancher:v2.9.2', { layerBytes: 100_000 }),
];

/** Its plan. */
export const SLOW_PLAN: BundlePlan = planBundle(
  'lab',
  SLOW_SAMPLES.map(({ planned }) => planned),
);

// As a program of its own: builds argv[2] in the shape of argv[3] (JSON, a tar when left out) and stalls for ever in the
// middle of the large blob, to be killed there.
if (import.meta.main) {
  const shape: Shape = JSON.parse(process.argv[3] ?? '{"form":"tar"}');
  const source = sampleSource(SLOW_SAMPLES, {
    instead: (_, honest) => stalling(honest, 5_000_000),
  });
  await writeBundle(SLOW_PLAN, source, { path: process.argv[2] ?? '', shape });
}

async function* stalling(stream: ByteStream, bytes: number): ByteStream {
  let count = 0;
  for await (const chunk of stream) {
    yield chunk;
    count += chunk.length;
    if (count >= bytes) await pause(3_600_000);
  }
}
