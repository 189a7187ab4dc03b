import { lstat, stat } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { attempt } from '../../disk/errno.ts';
import { namesIn } from '../../disk/names.ts';
import { SaddlebagError } from '../../internal/error.ts';
import { ProblemsError } from '../../internal/problems.ts';
import { parseVolumeName, volumeName } from './volumes.ts';
import type { Volume, VolumeSet } from '../../disk/byte-file.ts';

/**
 * Finds the volumes of `base` by name. None may be missing before the last one found; only the content tells how many
 * there should be. `follow: false` refuses a symbolic link in place of a volume.
 *
 * @throws `ERR_BUNDLE_NOT_FOUND` when there is none, `ERR_ARCHIVE_INVALID` with the name of each that is missing,
 * `ERR_DISK_FAILED`
 */
export async function findVolumes(
  base: string,
  options: { readonly follow?: boolean | undefined } = {},
): Promise<VolumeSet> {
  const found = await numbersOf(base);
  const count = Math.max(0, ...found);
  if (count === 0) throw noVolumes(base);
  const volumes: Volume[] = [];
  const faults: SaddlebagError[] = [];
  for (let number = 1; number <= count; number++) {
    const file = volumeName(base, number);
    if (!found.has(number)) faults.push(volumeFault(file, 'it is missing'));
    else volumes.push({ file, size: await sizeOf(file, options.follow ?? true) });
  }
  requireSound(base, faults);
  return { base, volumes };
}

/** Returns an error for each volume whose size cannot be right: all but the last have the same size. */
export function faultsOfSizes({ volumes }: VolumeSet): readonly SaddlebagError[] {
  const usual = Math.max(...volumes.map(({ size }) => size));
  return volumes
    .filter(({ size }, index) => (index < volumes.length - 1 ? size !== usual : size === 0))
    .map(({ file, size }) => volumeFault(file, `it has ${size} bytes, and the others have ${usual}`));
}

/** Returns the error for a volume that cannot be used. */
export function volumeFault(file: string, fact: string): SaddlebagError {
  return new SaddlebagError('ERR_ARCHIVE_INVALID', `Cannot use volume "${basename(file)}": ${fact}`, {
    hint: 'Copy this volume again, and keep all volumes of the bundle in one folder.',
  });
}

/** Throws everything that is wrong with the volumes of `base`, if anything is. @throws `ERR_ARCHIVE_INVALID` */
export function requireSound(base: string, faults: readonly SaddlebagError[]): void {
  if (faults[0] === undefined) return;
  if (faults.length === 1) throw faults[0];
  throw new ProblemsError(
    'ERR_ARCHIVE_INVALID',
    `Cannot read "${basename(base)}": ${faults.length} of its volumes cannot be used`,
    { problems: faults, hint: 'Copy these volumes again, and keep all volumes in one folder.' },
  );
}

async function numbersOf(base: string): Promise<ReadonlySet<number>> {
  const numbers = new Set<number>();
  for (const name of await namesIn(dirname(base))) {
    const volume = parseVolumeName(name);
    if (volume?.base === basename(base)) numbers.add(volume.number);
  }
  return numbers;
}

async function sizeOf(file: string, follow: boolean): Promise<number> {
  const stats = await attempt('read', file, () => (follow ? stat(file) : lstat(file)), 'input');
  if (!stats.isFile()) throw volumeFault(file, 'it is not a regular file');
  return stats.size;
}

function noVolumes(base: string): SaddlebagError {
  const first = volumeName(base, 1);
  return new SaddlebagError('ERR_BUNDLE_NOT_FOUND', `Cannot open "${first}": there is no such file`, {
    hint: 'Check the path, and that the stick is mounted.',
  });
}
