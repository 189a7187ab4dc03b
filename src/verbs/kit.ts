import { join } from 'node:path';
import { requireKitPlace } from '../kit/write.ts';
import type { Digest } from '../oci/digest.ts';
import type { Finding } from '../internal/finding.ts';
import { connect } from '../steps/connect.ts';
import type { Ears } from '../steps/ears.ts';
import {
  bundlesIn,
  finishKit,
  type KitProgress,
  type KitResult,
  type LooseKitWish,
  prepareKit,
  requireRoomForKit,
  resolveKit,
} from '../steps/kit.ts';
import type { Surroundings } from '../steps/surroundings.ts';

export type { KitProgress };

/** What kit to make, and where. */
export interface MakeKitWish extends LooseKitWish {
  /** The folder of the bundle. */
  readonly folder: string;
}

export interface MakeKitResult extends KitResult {
  /** The bundles in the folder, which the first page names. */
  readonly bundles: readonly { readonly path: string; readonly name: string; readonly root: Digest }[];
  readonly findings: readonly Finding[];
}

/**
 * Puts into a folder what its bundles need to be installed from there: a runtime for each platform, the program, launchers and a
 * first page. A kit that is there is made what it should be.
 *
 * @throws `ERR_OUTPUT_UNWRITABLE`, `ERR_DISK_FULL`, `ERR_PLATFORM_INVALID`; what `resolveKit` and `prepareKit` throw
 */
export async function makeKit(
  wish: MakeKitWish,
  surroundings: Surroundings,
  ears: Ears<KitProgress> = {},
): Promise<MakeKitResult> {
  const { folder, caFile } = wish;
  const { signal, onNetwork, onProgress } = ears;
  const findings: Finding[] = [];
  const onFinding = (finding: Finding): void => {
    findings.push(finding);
    ears.onFinding?.(finding);
  };
  await requireKitPlace(folder);
  await using connection = connect({ caFile }, surroundings, { signal, onFinding, onNetwork });
  const { http } = connection;
  const runtimes = await resolveKit(wish, folder, { http, surroundings, signal, onFinding });
  const kit = await prepareKit(folder, runtimes, { http, surroundings, signal, onProgress });
  await requireRoomForKit(kit, 0);
  const result = await finishKit(kit, { signal, onProgress });
  const bundles = await bundlesIn(folder, { signal });
  return {
    ...result,
    bundles: bundles.map(({ file, name, root }) => ({ path: join(folder, file), name, root })),
    findings,
  };
}
