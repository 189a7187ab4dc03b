export { checkPlace } from '../output/place.ts';
import { dirname } from 'node:path';
import { filesystemOf } from '../../disk/filesystem.ts';
import { statedSpace } from '../../disk/space.ts';
import { layOutput, pathsOf, resultPath } from '../output/layout.ts';
import { checkLimits } from '../output/limits.ts';
import { growingWith, measureSpace, type OutputSpace } from '../output/space.ts';
import type { BundlePlan } from '../plan/plan.ts';
import type { Shape } from '../shape.ts';
import type { BlobSource } from './blob-content.ts';
import type { WriteResult } from './write.ts';

export { openEarlier, unchangedBy } from './earlier.ts';

/** What a build would do. Sizes in bytes. */
export interface Rehearsal {
  readonly items: readonly { readonly kind: string; readonly name: string }[];
  /** What would be fetched. */
  readonly fetchBytes: number;
  readonly space: {
    readonly needed: number;
    /** Left out where the filesystem does not say. */
    readonly free?: number | undefined;
  };
}

interface RehearsedOutput {
  readonly path: string;
  readonly shape: Shape;
  /** How much of it the parity file beside it repairs (percent). */
  readonly parity?: number | undefined;
}

/**
 * Returns what `writeBundle` would do. A dry run is there to find out about space, so too little space is reported rather than
 * thrown.
 *
 * @throws `ERR_OUTPUT_UNWRITABLE`
 */
export async function rehearseBundle(
  plan: BundlePlan,
  source: BlobSource,
  { path, shape, parity }: RehearsedOutput,
): Promise<WriteResult & { readonly dryRun: Rehearsal }> {
  const output = layOutput(plan, path, shape);
  checkLimits(output, await filesystemOf(dirname(path)), { parity });
  const fetched = plan.blobs.filter(
    (blob) => blob.origin.type !== 'bytes' && source.isAtHand?.(blob) !== true,
  );
  const fetchBytes = fetched.reduce((sum, { descriptor }) => sum + descriptor.size, 0);
  const { needed, free } = await measureSpace(growingWith(output, parity));
  const items = plan.document.items.map(({ kind, name }) => ({ kind, name }));
  return {
    root: plan.root,
    path: resultPath(output),
    paths: pathsOf(output),
    bytes: output.archive.size,
    blobs: plan.blobs.length,
    fetchedBytes: 0,
    reusedBytes: 0,
    dryRun: { items, fetchBytes, space: { needed, free: statedSpace(free) } },
  };
}

/** Returns how much space an output needs, and how much there is. */
export async function spaceFor(
  plan: BundlePlan,
  { path, shape, parity }: RehearsedOutput,
): Promise<OutputSpace> {
  return await measureSpace(growingWith(layOutput(plan, path, shape), parity));
}
