import { dirname } from 'node:path';
import { openVolumeReader } from '../../archive/volumes/reader.ts';
import { openVolumeWriter } from '../../archive/volumes/writer.ts';
import { attempt } from '../../disk/errno.ts';
import { syncFolder } from '../../disk/folder.ts';
import { renameFiles } from '../../disk/placing/renames.ts';
import { isSaddlebagError, type SaddlebagError } from '../../internal/error.ts';
import type { Finding } from '../../internal/finding.ts';
import type { Digest } from '../../oci/digest.ts';
import type { WaitOptions } from '../../oci/roles.ts';
import type { OpenParity } from '../../parity/file.ts';
import { parityShards } from '../../parity/geometry.ts';
import { repairStripes } from '../../parity/repair.ts';
import { movedVolumes } from '../../parity/moved.ts';
import { type Scan, scanShards } from '../../parity/scan.ts';
import type { OpenBundle } from '../bundle.ts';
import type { CheckProgress } from '../check/check.ts';
import type { Trust } from '../signing/trust.ts';
import type { BesideParity } from './beside.ts';
import { errorsOfLost } from './lost-bytes.ts';
import { otherRoot } from './other-root.ts';
import { repairedView, needsKeptBytes, type Views } from './view.ts';

export { type BesideParity, parityBeside, readableParity, remakeParity } from './beside.ts';

/** What a repair by parity comes to. Sizes in bytes. */
export interface ParityRepair {
  /** Shards that were repaired. */
  readonly shards: number;
  readonly writtenBytes: number;
  /** Volumes that had the name of another one. */
  readonly moved: number;
  /** What is damaged and cannot be repaired by parity; empty when nothing is. */
  readonly beyond: readonly SaddlebagError[];
  /** Whether the parity file itself was damaged in part. */
  readonly isParityDamaged: boolean;
}

export interface ParityRepairOptions extends WaitOptions {
  /** The path that was given. */
  readonly path: string;
  readonly trust: Trust | undefined;
  /** Returns whether a bundle that parity repairs in part can be repaired in full by other means. */
  readonly completes: (bundle: OpenBundle) => Promise<boolean>;
  readonly onProgress?: ((progress: CheckProgress) => void) | undefined;
  readonly onFinding?: ((finding: Finding) => void) | undefined;
}

/**
 * Repairs a bundle in place by the parity file beside it, and writes what is damaged alone. Before that, the bundle is opened as it
 * will be: its root digest must be that of the parity file, its signature right. Nothing is written when
 * not everything can be repaired. Returns `undefined` when there is nothing that it can do, and tells why.
 *
 * @throws `ERR_PARITY_INVALID`, what opening a bundle throws, `ERR_OUTPUT_UNWRITABLE`, `ERR_DISK_FULL`, `ERR_DISK_FAILED`,
 * `ERR_INTERRUPTED`
 */
export async function repairByParity(
  beside: BesideParity,
  options: ParityRepairOptions,
): Promise<ParityRepair | undefined> {
  const { base, parity, volumes } = beside;
  const { signal, onFinding } = options;
  const { head } = parity;
  const moved = await movedVolumes(base, head);
  const files = new Map(moved.map(({ from, to }) => [to, from]));
  const present = volumes.map(({ file, size }) => ({ file: files.get(file) ?? file, size }));
  await using data = openVolumeReader(present, { growing: true });
  const scan = await scanShards(data, parity, { signal, onBytes: counting(parity, options) });
  const other = scan.lost.size === 0 ? undefined : await otherRoot(options.path, { root: head.root, signal });
  if (other !== undefined) {
    onFinding?.(ofAnother(parity, other));
    return undefined;
  }
  const beyond = scan.beyond.length === 0 ? [] : errorsOfLost(beside, scan);
  const nothing = { shards: 0, writtenBytes: 0, moved: 0, beyond, isParityDamaged: !isSound(parity, scan) };
  const views: Views = { beside, data, scan, trust: options.trust, signal };
  if (beyond.length > 0 && !(await isCompleted(views, options.completes))) return nothing;
  const kept = beyond.length === 0 && (await needsKeptBytes(views));
  if (scan.repairable.length === 0 && moved.length === 0 && !kept) return nothing;
  await renameFiles(moved);
  const writtenBytes = await write(beside, { scan, kept, signal });
  return {
    ...nothing,
    shards: scan.repairable.reduce((sum, { lost }) => sum + lost.length, 0),
    writtenBytes,
    moved: moved.length,
  };
}

/** Writes the repaired shards, and with `kept` the bytes that the parity file keeps; returns how many bytes. */
async function write(
  { base, parity, volumes }: BesideParity,
  options: WaitOptions & { readonly scan: Scan; readonly kept: boolean },
): Promise<number> {
  const { scan, kept, signal } = options;
  let written = 0;
  const onBytes = (count: number): void => {
    written += count;
  };
  await using data = openVolumeReader(volumes, { growing: true });
  await using writer = await openVolumeWriter(volumes, { reserve: false });
  await repairStripes(data, parity, { stripes: scan.repairable, writer, onBytes, signal });
  for (const { position, bytes } of kept ? parity.head.volatile : []) {
    await writer.write([bytes], position);
    onBytes(bytes.length);
  }
  await writer.sync();
  // A lost volume has a name again, which must survive a power cut.
  await attempt('repair', base, () => syncFolder(dirname(base)));
  return written;
}

async function isCompleted(views: Views, completes: ParityRepairOptions['completes']): Promise<boolean> {
  try {
    return await completes(await repairedView(views, false));
  } catch (error) {
    // Whoever repairs it by other means tells better what is wrong.
    if (isSaddlebagError(error) && error.code !== 'ERR_INTERRUPTED') return false;
    throw error;
  }
}

function ofAnother({ path, head }: OpenParity, root: Digest): Finding {
  return {
    level: 'warning',
    message: `The parity file "${path}" is for another bundle, or for an older state of this one: it has root ${head.root}, and the bundle has ${root}`,
    hint: 'It was not used. Make a new one with "bundle parity" once the bundle is intact.',
  };
}

function isSound({ isFramed }: OpenParity, { isParitySound }: Scan): boolean {
  return isFramed && isParitySound;
}

function counting({ head }: OpenParity, { onProgress }: ParityRepairOptions): (count: number) => void {
  const { geometry } = head;
  const bytesTotal = geometry.size + parityShards(geometry) * geometry.shardSize;
  let bytesDone = 0;
  return (count) => {
    bytesDone += count;
    onProgress?.({ bytesDone, bytesTotal });
  };
}
