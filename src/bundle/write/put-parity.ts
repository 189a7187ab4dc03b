import { rm } from 'node:fs/promises';
import { openArchive } from '../../archive/open.ts';
import { isSaddlebagError } from '../../internal/error.ts';
import type { Digest } from '../../oci/digest.ts';
import type { WaitOptions } from '../../oci/roles.ts';
import { openParity } from '../../parity/file.ts';
import type { ParityHead } from '../../parity/head.ts';
import { parityPath } from '../../parity/place.ts';
import type { OutputLayout } from '../output/layout.ts';
import { makeParity, type ParityResult } from '../parity/make.ts';
import type { Tally } from './progress.ts';

/** Makes the parity file of a complete output from the bundle at `from`: where it grew, or where it is now. */
export async function putParity(
  output: OutputLayout,
  options: WaitOptions & {
    readonly from: string;
    readonly percent: number;
    readonly root: Digest;
    readonly tally: Tally;
  },
): Promise<ParityResult> {
  const { from, percent, root, tally, signal } = options;
  await using archive = await openArchive(from);
  const onProgress = tally.parity.bind(tally);
  return await makeParity(archive, { path: parityPath(output.path), root, percent, signal, onProgress });
}

/** Removes a parity file that is of what was replaced; one of the same bundle stays, and so does a file that is none. */
export async function dropStaleParity(output: OutputLayout, root: Digest): Promise<void> {
  const path = parityPath(output.path);
  const head = await headOf(path);
  if (head === undefined) return;
  const volumeSize = output.kind === 'volumes' ? (output.volumes[0]?.size ?? 0) : 0;
  const isSame =
    head.root === root && head.geometry.size === output.archive.size && head.volumeSize === volumeSize;
  if (!isSame) await rm(path, { force: true });
}

async function headOf(path: string): Promise<ParityHead | undefined> {
  try {
    const parity = await openParity(path);
    await parity?.[Symbol.asyncDispose]();
    return parity?.head;
  } catch (error) {
    if (isSaddlebagError(error)) return undefined;
    throw error;
  }
}
