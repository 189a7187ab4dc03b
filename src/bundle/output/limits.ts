import { basename, dirname } from 'node:path';
import type { Filesystem } from '../../disk/filesystem.ts';
import { SaddlebagError } from '../../internal/error.ts';
import { formatBytes } from '../../internal/format.ts';
import { finalPath, type OutputLayout } from './layout.ts';

/** The largest volume that FAT32 takes is one byte short of 4 GiB; whole mebibytes are easier to remember. */
const MIB = 1024 ** 2;

/**
 * Makes sure, before anything is fetched, that a filesystem takes the files of an output.
 *
 * @throws `ERR_OUTPUT_UNWRITABLE` with what to do instead
 */
export function checkLimits(output: OutputLayout, filesystem: Filesystem): void {
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
