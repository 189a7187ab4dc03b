import { closeSync, openSync, readSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { blobPath } from '../../../src/bundle/format/layout.ts';
import { decodeMissingList } from '../../../src/bundle/plan/missing-list.ts';
import { openBundle } from '../../../src/bundle/open.ts';
import { patchPlan } from '../../../src/bundle/plan/patch.ts';
import type { BundlePlan } from '../../../src/bundle/plan/plan.ts';
import { writeBundle } from '../../../src/bundle/write/write.ts';
import type { Digest } from '../../../src/oci/digest.ts';
import { verifyBundle } from '../../../src/verbs/verify.ts';
import { readFileSync } from 'node:fs';
import { type PlannedSample, sampleSource } from '../planned/items.ts';
import { NOBODY } from '../surroundings.ts';

/** Flips bits in the middle of a file of a bundle, whatever its shape. */
export async function damageEntry(bundlePath: string, path: string): Promise<void> {
  await using bundle = await openBundle(bundlePath);
  const extents = (await bundle.archive.extents?.(path)) ?? [];
  const extent = extents[extents.length >> 1];
  if (extent === undefined) throw new Error(`"${path}" is in no file`);
  flipBit(extent.file, extent.position + (extent.length >> 1));
}

/** Flips bits in the middle of a blob of a bundle, whatever its shape. */
export async function damageBlob(bundlePath: string, digest: Digest): Promise<void> {
  await damageEntry(bundlePath, blobPath(digest));
}

/** Flips the bits of one byte of a file. */
export function flipBit(file: string, position: number): void {
  const handle = openSync(file, 'r+');
  const byte = Buffer.alloc(1);
  readSync(handle, byte, 0, 1, position);
  byte.writeUInt8(byte.readUInt8() ^ 0xff);
  writeSync(handle, byte, 0, 1, position);
  closeSync(handle);
}

/** Does what a user does about a damaged bundle: has the missing listed, and builds a patch of it. Returns its path. */
export async function buildPatch(
  bundlePath: string,
  plan: BundlePlan,
  options: { readonly samples: readonly PlannedSample[]; readonly folder: string },
): Promise<string> {
  const list = join(options.folder, 'missing.json');
  await verifyBundle({ path: bundlePath, missingTo: list }, NOBODY);
  const missing = decodeMissingList(readFileSync(list), list);
  const path = join(options.folder, 'patch.tar');
  await writeBundle(patchPlan(plan, missing, { root: plan.root }), sampleSource(options.samples), { path });
  return path;
}
