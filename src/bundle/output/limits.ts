import { basename, dirname } from 'node:path';
import type { Filesystem } from '../../disk/filesystem.ts';
import { SaddlebagError } from '../../internal/error.ts';
import { formatBytes } from '../../internal/format.ts';
import { parityPath } from '../../parity/place.ts';
import { finalPath, type OutputLayout } from './layout.ts';
import { parityBytes } from './space.ts';

/** The largest volume that FAT32 takes is one byte short of 4 GiB; whole mebibytes are easier to remember. */
const MIB = 1024 ** 2;

/**
 * Makes sure, before anything is fetched, that a filesystem takes the files of an output, and its parity file of that
 * many percent if one is asked for.
 *
 * @throws `ERR_OUTPUT_UNWRITABLE` with what to do instead
 */
export function checkLimits(
  output: OutputLayout,
  filesystem: Filesystem,
  options: { readonly parity?: number | undefined } = {},
): void {
  if (options.parity !== undefined) checkParity(output, filesystem, options.parity);
  const { name = 'this filesystem', fileLimit, folderLimit } = filesystem;
  const largest = output.volumes.reduce((left, right) => (right.size > left.size ? right : left), {
    file: output.partial,
    size: 0,
  });
  if (fileLimit !== undefined && largest.size > fileLimit) {
    const file = basename(finalPath(output, largest.file));
    throw new SaddlebagError(
      'ERR_OUTPUT_UNWRITABLE',
      `Cannot write "${output.path}": "${file}" would have ${formatBytes(largest.size)} (${largest.size} bytes), and ${name} holds no file of more than ${fileLimit}`,
      {
        hint: `Use --volume-size ${Math.floor(fileLimit / MIB)}MiB, or a disk with another filesystem, such as exFAT.`,
      },
    );
  }
  if (folderLimit === undefined) return;
  const crowd = largestFolder(output);
  if (crowd > folderLimit) {
    throw new SaddlebagError(
      'ERR_OUTPUT_UNWRITABLE',
      `Cannot write "${output.path}": one folder would have ${crowd} files, and ${name} holds no more than ${folderLimit} with names this long`,
      {
        hint: `Use --format tar${fileLimit === undefined ? '' : ` --volume-size ${Math.floor(fileLimit / MIB)}MiB`}, or a disk with another filesystem.`,
      },
    );
  }
}

/** Returns how many files the fullest folder of an output will have. */
function largestFolder({ volumes, cuts }: OutputLayout): number {
  const counts = new Map<string, number>();
  const sums = cuts.map(({ base }) => base);
  for (const file of [...volumes.map((volume) => volume.file), ...sums]) {
    counts.set(dirname(file), (counts.get(dirname(file)) ?? 0) + 1);
  }
  return Math.max(0, ...counts.values());
}

function checkParity(output: OutputLayout, filesystem: Filesystem, percent: number): void {
  const { name = 'this filesystem', fileLimit = Number.POSITIVE_INFINITY } = filesystem;
  const size = parityBytes(output, percent);
  if (size <= fileLimit) return;
  throw new SaddlebagError(
    'ERR_OUTPUT_UNWRITABLE',
    `Cannot write "${parityPath(output.path)}": it would have ${formatBytes(size)}, and ${name} holds no file of more than ${fileLimit}`,
    { hint: 'Use a smaller --parity, or a disk with another filesystem, such as exFAT.' },
  );
}
